mod other {
    macro_rules! take {
        ($n:expr) => {
            $n + 1
        };
    }
    pub(crate) use take;
}

use async_dsl::go;
use other::take;

fn main() {
    go!({ take!(3) });
}
