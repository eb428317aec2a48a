use async_dsl::net::Codec;

struct Decompressor;

fn main() {
    let _framing = Codec::<_, _, String>::new(Decompressor);
}
