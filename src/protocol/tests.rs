//! The wire format: every message comes back as it was, and what is no message is an error, never a panic.

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;
use crate::base::{Map, Value};
use crate::module::{Diff, Failure, Outcome};

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        any::<i64>().prop_map(Value::Int),
        (-200..200_i64).prop_map(Value::Int),
        any::<i128>().prop_map(|number| Value::integer(number.into())),
        (any::<f64>().prop_filter("equal to itself", |number| !number.is_nan()))
            .prop_map(Value::Float),
        text().prop_map(Value::from),
        bytes().prop_map(|bytes| Value::Bytes(bytes.into())),
    ];
    leaf.prop_recursive(4, 40, 20, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..20).prop_map(Value::from),
            vec((text(), inner), 0..20).prop_map(Value::map),
        ]
    })
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![".{0,40}", "[a-z]{300}"]
}

fn bytes() -> impl Strategy<Value = Vec<u8>> {
    vec(any::<u8>(), 0..300)
}

fn map() -> impl Strategy<Value = Map> {
    vec((text(), value()), 0..5).prop_map(|pairs| pairs.into_iter().collect())
}

fn chunk() -> impl Strategy<Value = Chunk> {
    prop_oneof![bytes().prop_map(Chunk::Plain), bytes().prop_map(Chunk::Packed)]
}

fn blob() -> impl Strategy<Value = Blob> {
    prop_oneof![bytes().prop_map(Blob::Inline), any::<u64>().prop_map(|size| Blob::Stream { size })]
}

fn address() -> impl Strategy<Value = Address> {
    prop_oneof![
        (text(), any::<u16>()).prop_map(|(host, port)| Address::Tcp { host, port }),
        text().prop_map(Address::Unix),
    ]
}

fn request() -> impl Strategy<Value = Request> {
    let stage = (any::<bool>(), any::<bool>(), any::<u8>(), any::<u64>());
    let environment = vec((text(), text()), 0..4);
    (any::<u32>(), text(), map(), stage, environment, vec(blob(), 0..4)).prop_map(
        |(id, module, args, (check, diff, verbosity, timeout), environment, blobs)| Request {
            id,
            module,
            args,
            check,
            diff,
            verbosity,
            environment,
            blobs,
            timeout,
        },
    )
}

fn to_helper() -> impl Strategy<Value = ToHelper> {
    let id = any::<u32>;
    prop_oneof![
        request().prop_map(ToHelper::Run),
        (id(), chunk(), any::<bool>()).prop_map(|(id, chunk, last)| ToHelper::Data {
            id,
            chunk,
            last
        }),
        (id(), result(text())).prop_map(|(id, digest)| ToHelper::Sha1 { id, digest }),
        id().prop_map(|id| ToHelper::Cancel { id }),
        (id(), address()).prop_map(|(id, address)| ToHelper::Open { id, address }),
        Just(ToHelper::Stop),
        Just(ToHelper::Ping),
        (id(), any::<u32>()).prop_map(|(id, bytes)| ToHelper::Took { id, bytes }),
    ]
}

fn result<S>(good: S) -> impl Strategy<Value = Result<S::Value, String>>
where
    S: Strategy<Value: Clone> + 'static,
{
    prop_oneof![good.prop_map(Ok), text().prop_map(Err)]
}

fn diff() -> impl Strategy<Value = Diff> {
    prop_oneof![
        Just(Diff::None),
        [text(), text(), text(), text()].prop_map(
            |[before_header, after_header, before, after]| Diff::Text {
                before_header,
                after_header,
                before,
                after
            }
        ),
        (text(), value(), value()).prop_map(|(header, before, after)| Diff::Values {
            header,
            before,
            after
        }),
        text().prop_map(Diff::Prepared),
    ]
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        (any::<bool>(), bytes()).prop_map(|(err, bytes)| Event::Output { err, bytes }),
        (text(), any::<u64>(), any::<u64>()).prop_map(|(what, done, all)| Event::Progress {
            what,
            done,
            all
        }),
        vec(any::<u32>(), 0..20).prop_map(Event::Want),
        any::<u32>().prop_map(Event::WantSha1),
        any::<u32>().prop_map(Event::Took),
    ]
}

fn reply() -> impl Strategy<Value = Reply> {
    let outcome = (text(), map(), map(), any::<bool>(), any::<Option<bool>>()).prop_map(
        |(message, values, facts, skipped, changed)| Outcome {
            message,
            values,
            facts,
            skipped,
            changed,
        },
    );
    let failure = (text(), map()).prop_map(|(message, values)| Failure { message, values });
    let rest = || (any::<bool>(), vec(diff(), 0..3), vec(text(), 0..3));
    prop_oneof![
        (outcome, rest()).prop_map(|(outcome, (changed, diffs, warnings))| Reply::Done {
            changed,
            outcome,
            diffs,
            warnings
        }),
        (failure, rest()).prop_map(|(failure, (changed, diffs, warnings))| Reply::Failed {
            changed,
            failure,
            diffs,
            warnings
        }),
    ]
}

fn from_helper() -> impl Strategy<Value = FromHelper> {
    let id = any::<u32>;
    let hello = (any::<[u32; 3]>(), text(), text())
        .prop_map(|([version, pid, uid], user, home)| Hello { version, pid, uid, user, home });
    prop_oneof![
        hello.prop_map(FromHelper::Ready),
        (id(), event()).prop_map(|(id, event)| FromHelper::Event { id, event }),
        (id(), reply()).prop_map(|(id, reply)| FromHelper::Reply { id, reply }),
        (id(), chunk(), any::<bool>()).prop_map(|(id, chunk, last)| FromHelper::Data {
            id,
            chunk,
            last
        }),
        (id(), result(Just(()))).prop_map(|(id, result)| FromHelper::Opened { id, result }),
    ]
}

/// A message comes back as it was; less of it or more is an error; with a wrong byte it is anything but a panic.
fn there_and_back<T: Wire + PartialEq + std::fmt::Debug>(message: &T, wrong: (usize, u8)) {
    let frame = write(message);
    let back: T = read(&mut frame.as_slice()).unwrap();
    assert_eq!(back, *message);
    // Equality of values is Python's, to which `1` is `true`.
    assert_eq!(format!("{back:?}"), format!("{message:?}"));
    let body = &frame[4..];
    for length in (0..body.len()).step_by(body.len() / 200 + 1) {
        assert!(matches!(decode::<T>(&body[..length]), Err(FrameError::Garbled(_))), "{length}");
    }
    let longer = [body, &[0xc0]].concat();
    assert!(matches!(decode::<T>(&longer), Err(FrameError::Garbled(_))));
    let (place, byte) = wrong;
    let mut bad = body.to_vec();
    bad[place % body.len()] ^= byte;
    let _either_way = decode::<T>(&bad);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn what_the_controller_says_comes_back(message in to_helper(), wrong in any::<(usize, u8)>()) {
        there_and_back(&message, wrong);
    }

    #[test]
    fn what_the_helper_says_comes_back(message in from_helper(), wrong in any::<(usize, u8)>()) {
        there_and_back(&message, wrong);
    }

    #[test]
    fn noise_is_never_a_panic(noise in vec(any::<u8>(), 0..200), kind in 0..6_u8) {
        let _either_way = decode::<FromHelper>(&noise);
        let _either_way = decode::<ToHelper>(&noise);
        // Begins as a message does.
        let begun = [&[0x90 | kind, kind], noise.as_slice()].concat();
        let _either_way = decode::<FromHelper>(&begun);
        let _either_way = decode::<ToHelper>(&begun);
    }
}

/// Returns the body of a request whose arguments are given as they travel.
fn request_with(args: &[u8]) -> Vec<u8> {
    let empty = write(&ToHelper::Run(Request::default()));
    let place = empty.iter().position(|byte| *byte == 0x80).unwrap();
    [&empty[4..place], args, &empty[place + 1..]].concat()
}

#[track_caller]
fn refused(args: &[u8], why: &str) {
    let error = decode::<ToHelper>(&request_with(args)).unwrap_err();
    assert_eq!(error.to_string(), format!("what came is not ours: {why}"));
}

#[test]
fn counts_that_lie_take_no_memory() {
    refused(&[0xdf, 255, 255, 255, 255], "the message ends too early");
    refused(&[0x81, 0xa1, b'k', 0xdd, 255, 255, 255, 255], "the message ends too early");
    refused(&[0x81, 0xa1, b'k', 0xdb, 255, 255, 255, 255], "the message ends too early");
    refused(&[0x81, 0xa1, b'k', 0xc6, 255, 255, 255, 255], "the message ends too early");
    refused(&[0x81, 0xa1, b'k', 0xc9, 255, 255, 255, 255, 1], "the message ends too early");
    refused(&[0x90], "a map was expected");
    refused(&[0x81, 0xa1, b'k', 0xd4, 9, 0], "a kind of value is not known");
}

#[test]
fn what_is_nested_too_deep_does_not_exhaust_the_stack() {
    let nested =
        |depth: usize| [&[0x81, 0xa1, b'k'], vec![0x91; depth].as_slice(), &[0xc0]].concat();
    refused(&nested(1_000_000), "a value is nested too deep");
    refused(&nested(usize::from(pack::DEEPEST)), "a value is nested too deep");
    let deepest = nested(usize::from(pack::DEEPEST) - 1);
    assert!(decode::<ToHelper>(&request_with(&deepest)).is_ok());
    let side_by_side = [&[0xdd, 0, 0, 4, 0], [0x91, 0xc0].repeat(1024).as_slice()].concat();
    assert!(
        decode::<ToHelper>(&request_with(&[&[0x81, 0xa1, b'k'], &side_by_side[..]].concat()))
            .is_ok()
    );
}

#[test]
fn a_message_of_another_version_is_refused() {
    for body in [&[0x91, 99][..], &[0x91, 0], &[0x92, 5, 0xc0], &[0x90], &[5]] {
        assert!(matches!(decode::<ToHelper>(body), Err(FrameError::Garbled(_))), "{body:?}");
    }
}

#[test]
fn the_bytes_of_a_message_are_these() {
    let message = ToHelper::Open { id: 3, address: Address::Unix("/s".into()) };
    assert_eq!(write(&message), [0, 0, 0, 8, 0x93, 4, 3, 0x92, 1, 0xa2, b'/', b's'][..]);
}
