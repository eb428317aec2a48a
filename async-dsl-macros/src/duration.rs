//! Duration literals: `250us`, `100ms`, `1.5s`, `5min`, `1h`.

use proc_macro2::{Literal, Span, TokenStream};
use quote::quote_spanned;
use syn::Lit;

const NANOS_PER_SEC: u128 = 1_000_000_000;

/// The suffixes, each with its length in nanoseconds.
const UNITS: [(&str, u128); 6] = [
    ("ns", 1),
    ("us", 1_000),
    ("ms", 1_000_000),
    ("s", NANOS_PER_SEC),
    ("min", 60 * NANOS_PER_SEC),
    ("h", 3_600 * NANOS_PER_SEC),
];

/// The meaning of a literal as a duration.
pub(crate) enum Meaning {
    /// Not a number with one of our suffixes.
    Other,
    /// The call that makes the duration.
    Duration(TokenStream),
    /// A number with an unknown suffix, or an impossible duration; with the message.
    Wrong(String),
}

/// Reads one literal token.
pub(crate) fn read(literal: &Lit) -> Meaning {
    let (digits, suffix) = match literal {
        Lit::Int(int) => (int.base10_digits(), int.suffix()),
        Lit::Float(float) => (float.base10_digits(), float.suffix()),
        _ => return Meaning::Other,
    };
    if suffix.is_empty() || is_rust_suffix(suffix) {
        return Meaning::Other;
    }
    let Some((_, unit)) = UNITS.iter().find(|(name, _)| *name == suffix) else {
        return Meaning::Wrong(format!(
            "unknown suffix `{suffix}`: a duration is written with `ns`, `us`, `ms`, `s`, `min` or `h`, \
             for example `100ms`"
        ));
    };
    match nanoseconds(digits, *unit) {
        Ok(nanos) => Meaning::Duration(constructor(nanos, literal.span())),
        Err(reason) => Meaning::Wrong(format!(
            "`{literal}` {reason}",
            literal = quote::quote!(#literal)
        )),
    }
}

fn is_rust_suffix(suffix: &str) -> bool {
    matches!(
        suffix,
        "i8" | "i16"
            | "i32"
            | "i64"
            | "i128"
            | "isize"
            | "u8"
            | "u16"
            | "u32"
            | "u64"
            | "u128"
            | "usize"
            | "f16"
            | "f32"
            | "f64"
            | "f128"
    )
}

/// Returns the exact number of nanoseconds in `digits` (an integer, or a decimal with or without exponent) units.
fn nanoseconds(digits: &str, unit: u128) -> Result<u128, &'static str> {
    const TOO_LONG: &str = "is longer than a `Duration` can be";
    const TOO_FINE: &str = "is not a whole number of nanoseconds";
    let (mantissa, exponent) = digits.split_once(['e', 'E']).unwrap_or((digits, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let fraction = fraction.trim_end_matches('0');
    let value: u128 = format!("{whole}{fraction}").parse().map_err(|_| TOO_LONG)?;
    if value == 0 {
        return Ok(0);
    }
    let places = i64::try_from(fraction.len()).map_err(|_| TOO_FINE)?;
    let exponent: i64 = exponent.parse().map_err(|_| TOO_LONG)?;
    let shift = exponent.checked_sub(places).ok_or(TOO_FINE)?;
    let power = u32::try_from(shift.unsigned_abs())
        .ok()
        .and_then(|places| 10_u128.checked_pow(places));
    let nanos = value.checked_mul(unit).ok_or(TOO_LONG)?;
    let nanos = if shift >= 0 {
        power
            .and_then(|power| nanos.checked_mul(power))
            .ok_or(TOO_LONG)?
    } else {
        let power = power.filter(|power| nanos % power == 0).ok_or(TOO_FINE)?;
        nanos / power
    };
    if nanos / NANOS_PER_SEC > u128::from(u64::MAX) {
        Err(TOO_LONG)
    } else {
        Ok(nanos)
    }
}

/// Returns the call that a careful writer would have written by hand.
fn constructor(nanos: u128, at: Span) -> TokenStream {
    let span = Span::mixed_site().located_at(at);
    let short = |unit: u128| {
        (nanos % unit == 0)
            .then(|| u64::try_from(nanos / unit).ok())
            .flatten()
    };
    let literal = |number: u64| {
        let mut literal = Literal::u64_unsuffixed(number);
        literal.set_span(span);
        literal
    };
    for (unit, name) in [
        (NANOS_PER_SEC, "from_secs"),
        (1_000_000, "from_millis"),
        (1_000, "from_micros"),
    ] {
        if let Some(number) = short(unit) {
            let (name, number) = (syn::Ident::new(name, span), literal(number));
            return quote_spanned!(span=> ::core::time::Duration::#name(#number));
        }
    }
    // Both fit: the caller has checked the whole duration.
    let seconds = literal(u64::try_from(nanos / NANOS_PER_SEC).unwrap_or(u64::MAX));
    let rest = literal(u64::try_from(nanos % NANOS_PER_SEC).unwrap_or(0));
    quote_spanned!(span=> ::core::time::Duration::new(#seconds, #rest))
}

#[cfg(test)]
mod tests {
    use super::{Meaning, read};

    fn shown(literal: &str) -> String {
        match read(&syn::parse_str(literal).expect("a literal")) {
            Meaning::Other => "other".to_owned(),
            Meaning::Duration(call) => call
                .to_string()
                .replace(' ', "")
                .replace("::core::time::Duration::", ""),
            Meaning::Wrong(message) => message,
        }
    }

    #[test]
    fn known_suffixes_become_exact_durations() {
        for (literal, call) in [
            ("250us", "from_micros(250)"),
            ("100ms", "from_millis(100)"),
            ("1s", "from_secs(1)"),
            ("1.5s", "from_millis(1500)"),
            ("0.1ms", "from_micros(100)"),
            ("5min", "from_secs(300)"),
            ("1h", "from_secs(3600)"),
            ("0.5h", "from_secs(1800)"),
            ("7ns", "new(0,7)"),
            ("1_000ms", "from_secs(1)"),
            ("0s", "from_secs(0)"),
            ("0x10ms", "from_millis(16)"),
            ("1e3ms", "from_secs(1)"),
            ("2.5e-3s", "from_micros(2500)"),
            ("1.000000001s", "new(1,1)"),
        ] {
            assert_eq!(shown(literal), call, "{literal}");
        }
    }

    #[test]
    fn numbers_of_rust_are_left_alone() {
        for literal in [
            "1", "1.5", "1u8", "1usize", "1.5f32", "1f64", "\"1s\"", "'s'", "b's'",
        ] {
            assert_eq!(shown(literal), "other", "{literal}");
        }
    }

    #[test]
    fn what_cannot_be_a_duration_says_why() {
        assert!(
            shown("100msec")
                .starts_with("unknown suffix `msec`: a duration is written with `ns`, `us`")
        );
        assert_eq!(
            shown("0.5ns"),
            "`0.5ns` is not a whole number of nanoseconds"
        );
        assert_eq!(
            shown("1e-99999999999999999999s"),
            "`1e-99999999999999999999s` is longer than a `Duration` can be"
        );
        assert_eq!(
            shown("99999999999999999999s"),
            "`99999999999999999999s` is longer than a `Duration` can be"
        );
        assert_eq!(shown("1e40s"), "`1e40s` is longer than a `Duration` can be");
    }
}
