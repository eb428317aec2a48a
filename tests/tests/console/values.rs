//! Values that cross from the program to the console and back.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque};
use std::fmt::Debug;
use std::sync::Arc;
use std::time::Duration;

use async_dsl::chan::chan;
use async_dsl::console::{Exports, FromValue, Room, ToValue, TooLarge, Value};

use crate::{ask, session};

/// Taken from one channel and put into another by the console, it is the same.
#[track_caller]
fn crosses<T: ToValue + FromValue + Clone + Debug + PartialEq + Send + 'static>(
    value: T,
    shown: &str,
) {
    let (from, to) = (chan(), chan());
    let exports = Exports::new();
    exports.chan("from", &from).chan("to", &to);
    from.try_put(value.clone()).unwrap();
    let session = &mut session(&exports);
    assert_eq!(
        ask(
            session,
            "let value = take(\"from\", 0); put(\"to\", value); value"
        ),
        shown
    );
    assert_eq!(to.try_take(), Ok(value));
}

#[test]
fn integers_and_floats() {
    crosses(-1_i8, "-1");
    crosses(65535_u16, "65535");
    crosses(i64::MIN, "-9223372036854775808");
    crosses(u64::MAX, "\"18446744073709551615\"");
    crosses(7_usize, "7");
    crosses(i128::MIN, "\"-170141183460469231731687303715884105728\"");
    crosses(1.5_f32, "1.5");
    crosses(f64::INFINITY, "inf");
    crosses(Duration::from_millis(1500), "1.5");
}

#[test]
fn texts() {
    crosses(true, "true");
    crosses('€', "\"€\"");
    crosses("text".to_string(), "\"text\"");
    crosses(Arc::<str>::from("text"), "\"text\"");
    crosses(Cow::Borrowed("text"), "\"text\"");
}

#[test]
fn lists_and_maps() {
    crosses((), "()");
    crosses(None::<i32>, "()");
    crosses(Some(1), "1");
    crosses(vec![1, 2], "[1, 2]");
    crosses(VecDeque::from([1, 2]), "[1, 2]");
    crosses(BTreeSet::from([1, 2]), "[1, 2]");
    crosses(HashSet::from([1]), "[1]");
    crosses(BTreeMap::from([("a".to_string(), 1)]), "#{a: 1}");
    crosses(
        HashMap::from([("a b".to_string(), vec![1])]),
        "#{\"a b\": [1]}",
    );
    crosses((1, "x".to_string(), vec![(2,)]), "[1, \"x\", [[2]]]");
    crosses(
        Value::List(vec![Value::Nothing, Value::Float(0.0)]),
        "[(), 0.0]",
    );
}

#[test]
fn a_type_of_ones_own() {
    #[derive(Clone, Debug, PartialEq)]
    struct Job {
        name: String,
        tries: u8,
    }

    impl ToValue for Job {
        fn to_value(&self, room: &mut Room) -> Result<Value, TooLarge> {
            Value::map(
                [("name", &self.name as &dyn ToValue), ("tries", &self.tries)],
                room,
            )
        }
    }

    impl FromValue for Job {
        fn expected() -> Cow<'static, str> {
            "a job (#{name, tries})".into()
        }

        fn from_value(value: Value) -> Option<Self> {
            let Value::Map(mut map) = value else {
                return None;
            };
            Some(Self {
                name: FromValue::from_value(map.remove("name")?)?,
                tries: FromValue::from_value(map.remove("tries")?)?,
            })
        }
    }

    let job = Job {
        name: "sweep".into(),
        tries: 3,
    };
    crosses(job, "#{name: \"sweep\", tries: 3}");
}

#[test]
fn a_value_that_holds_itself_ends() {
    struct Endless;
    impl ToValue for Endless {
        fn to_value(&self, room: &mut Room) -> Result<Value, TooLarge> {
            Value::list([self], room)
        }
    }
    let endless = async_dsl::agent::agent(Arc::new(Endless));
    let exports = Exports::new();
    exports.agent("endless", &endless);
    assert!(ask(&mut session(&exports), "get(\"endless\")").contains("too many levels"));
}
