//! Code as its author would write it, on one line: what is shown of an operation.

use proc_macro2::{Delimiter, Group, Ident, Spacing, TokenStream, TokenTree};
use syn::LitStr;

use crate::fragments::ungroup_everywhere;
use crate::marked::Marked;
use crate::tokens::{is_call, is_punct};
use crate::words::{AWAIT, is_of_futures};

/// The text of `tokens`. It is for reading: where only a parser could tell what a sign means, it may have a space too many.
///
/// What was marked or rewritten before is shown as it was.
pub(crate) fn text(tokens: &TokenStream) -> String {
    let mut writer = Writer::default();
    writer.write(ungroup_everywhere(tokens.clone()));
    writer.text
}

/// The text of the word `name`, whose arguments may have a marker.
pub(crate) fn word(name: &str, arguments: &TokenStream) -> String {
    let arguments = ungroup_everywhere(arguments.clone());
    let mut writer = Writer::default();
    writer.call(name, &Group::new(Delimiter::Parenthesis, arguments));
    writer.text
}

/// The same, with `…` for what is in the outermost brackets.
pub(crate) fn outline(tokens: &TokenStream) -> String {
    let mut writer = Writer {
        elides: true,
        ..Writer::default()
    };
    writer.write(ungroup_everywhere(tokens.clone()));
    writer.text
}

/// Before the function that makes the duration of a literal.
const DURATION: &str = "::core::time::Duration::";

/// Before `await_!`, unless the user has written a path.
const CRATE: &str = "$crate::";

/// What was written last, as far as it decides about a space.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Last {
    /// The beginning, or an opening bracket.
    #[default]
    Open,
    /// Something that an operator may follow.
    Value,
    Keyword,
    /// What is followed by a space, and then by an operand.
    Operator,
    /// What its operand follows at once.
    Prefix,
}

#[derive(Default)]
struct Writer {
    text: String,
    last: Last,
    elides: bool,
    /// Between the bars of a closure.
    in_bars: bool,
    /// How many `<` are open.
    angles: usize,
}

impl Writer {
    fn write(&mut self, tokens: TokenStream) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let mut at = 0;
        while let Some(token) = tokens.get(at) {
            at += 1;
            match token {
                TokenTree::Ident(name) if is_call(&tokens, at - 1) => {
                    if let TokenTree::Group(arguments) = &tokens[at + 1] {
                        self.call(&name.to_string(), arguments);
                    }
                    at += 2;
                }
                TokenTree::Ident(name) => match (self.duration(name), tokens.get(at)) {
                    (Some(literal), Some(TokenTree::Group(_))) => {
                        self.text.truncate(self.text.len() - DURATION.len());
                        self.last = Last::Prefix;
                        self.word(&literal);
                        at += 1;
                    }
                    _ => self.word(&name.to_string()),
                },
                TokenTree::Literal(literal) => self.literal(&literal.to_string()),
                TokenTree::Group(group) => self.group(group),
                TokenTree::Punct(sign) => {
                    let mut signs = sign.as_char().to_string();
                    let mut is_joint = sign.spacing() == Spacing::Joint;
                    while let (true, Some(TokenTree::Punct(sign))) = (is_joint, tokens.get(at)) {
                        if !belongs(&signs, sign.as_char()) {
                            break;
                        }
                        signs.push(sign.as_char());
                        is_joint = sign.spacing() == Spacing::Joint;
                        at += 1;
                    }
                    self.sign(&signs);
                }
            }
        }
    }

    fn word(&mut self, word: &str) {
        if matches!(self.last, Last::Value | Last::Keyword | Last::Operator) {
            self.text.push(' ');
        }
        self.text.push_str(word);
        self.last = match word {
            "as" | "async" | "await" if self.text.ends_with(&format!(".{word}")) => Last::Value,
            "each" if self.is_after_word_of_futures() => Last::Keyword,
            "as" | "async" | "break" | "continue" | "else" | "if" | "in" | "let" | "loop"
            | "match" | "move" | "mut" | "ref" | "return" | "static" | "unsafe" | "while" => {
                Last::Keyword
            }
            _ => Last::Value,
        };
    }

    /// Whether the `each` that was just written is that of a list, not a variable.
    fn is_after_word_of_futures(&self) -> bool {
        let before = self.text.strip_suffix("!(each");
        let name = before.and_then(|before| before.rsplit(is_sign).next());
        name.is_some_and(|name| name == "await" || is_of_futures(name))
    }

    /// A literal, on one line.
    fn literal(&mut self, literal: &str) {
        let lines: Vec<&str> = literal.lines().map(str::trim).collect();
        match lines.as_slice() {
            [_, _, ..] => self.word(&lines.join(" ")),
            _ => self.word(literal),
        }
    }

    /// A call of a macro. That of a word which is marked is written as its marker says.
    fn call(&mut self, name: &str, arguments: &Group) {
        let Marked { operands, text, .. } = Marked::split(name, arguments.stream());
        let text = match text {
            Some(TokenTree::Literal(text)) => {
                let text = syn::parse2::<LitStr>(TokenTree::from(text).into());
                text.ok().map(|text| text.value())
            }
            Some(TokenTree::Group(code)) => Some(self::text(&code.stream())),
            _ => None,
        };
        if name == AWAIT && self.text.ends_with(CRATE) {
            // It was given the path together with that name.
            self.text.truncate(self.text.len() - CRATE.len());
        }
        if let Some(text) = text.filter(|_| !self.elides) {
            self.word(&text);
            return;
        }
        self.word(if name == AWAIT { "await" } else { name });
        self.text.push('!');
        self.last = Last::Value;
        self.group(&Group::new(arguments.delimiter(), operands));
    }

    /// The literal that `name`, with its path, was made of.
    fn duration(&self, name: &Ident) -> Option<String> {
        let is_duration = self.text.ends_with(DURATION);
        let written = is_duration.then(|| name.span().source_text()).flatten();
        written.filter(|written| name != written)
    }

    fn group(&mut self, group: &Group) {
        let (open, close) = match group.delimiter() {
            Delimiter::Parenthesis => ("(", ")"),
            Delimiter::Bracket => ("[", "]"),
            Delimiter::Brace => ("{ ", " }"),
            Delimiter::None => ("", ""),
        };
        let is_call = self.last == Last::Value;
        let is_apart = match self.last {
            Last::Open | Last::Prefix => false,
            Last::Value => matches!(group.delimiter(), Delimiter::Brace | Delimiter::None),
            Last::Keyword | Last::Operator => true,
        };
        if is_apart {
            self.text.push(' ');
        }
        if group.stream().is_empty() {
            self.text.extend([open.trim_end(), close.trim_start()]);
        } else {
            self.text.push_str(open);
            self.last = Last::Open;
            if self.elides {
                self.text.push('…');
            } else {
                let contents = without_comma(group, is_call);
                let outer = (
                    std::mem::take(&mut self.in_bars),
                    std::mem::take(&mut self.angles),
                );
                self.write(contents);
                (self.in_bars, self.angles) = outer;
            }
            self.text.push_str(close);
        }
        self.last = Last::Value;
    }

    /// Whether the name before is written as that of a type is, not of a constant.
    fn is_after_type(&self) -> bool {
        let name = self.text.rsplit(is_sign).next().unwrap_or_default();
        name.starts_with(char::is_uppercase) && name.contains(char::is_lowercase)
    }

    fn sign(&mut self, signs: &str) {
        let is_prefix = self.last != Last::Value;
        let is_spaced = !matches!(self.last, Last::Open | Last::Prefix);
        let (is_apart, last) = match signs {
            "." => (self.last == Last::Operator, Last::Prefix),
            "::" | ".." | "..=" => (
                matches!(self.last, Last::Keyword | Last::Operator),
                Last::Prefix,
            ),
            "," | ";" | ":" => (false, Last::Operator),
            "?" => (false, Last::Value),
            "'" | "#" | "$" => (is_spaced, Last::Prefix),
            "|" if self.in_bars => {
                self.in_bars = false;
                (false, Last::Operator)
            }
            "|" if is_prefix => {
                self.in_bars = true;
                (is_spaced, Last::Prefix)
            }
            "||" if is_prefix => (is_spaced, Last::Operator),
            "<" if is_prefix => {
                self.angles += 1;
                (is_spaced, Last::Prefix)
            }
            "<" if self.angles > 0 || self.is_after_type() => {
                self.angles += 1;
                (false, Last::Prefix)
            }
            ">" | ">>" if self.angles > 0 => {
                self.angles = self.angles.saturating_sub(signs.len());
                (false, Last::Value)
            }
            "&" | "&&" | "*" | "-" | "!" | "@" if is_prefix => (is_spaced, Last::Prefix),
            _ => (self.last != Last::Open, Last::Operator),
        };
        if is_apart {
            self.text.push(' ');
        }
        self.text.push_str(signs);
        self.last = last;
    }
}

/// What is in a group, without the comma at the end that its author would write only at the end of a line.
fn without_comma(group: &Group, is_call: bool) -> TokenStream {
    let mut tokens: Vec<TokenTree> = group.stream().into_iter().collect();
    let is_comma = |token: &TokenTree| is_punct(Some(token), ',');
    let commas = tokens.iter().filter(|token| is_comma(token)).count();
    let is_tuple = group.delimiter() == Delimiter::Parenthesis && !is_call && commas == 1;
    if tokens.last().is_some_and(is_comma) && !is_tuple {
        tokens.pop();
    }
    tokens.into_iter().collect()
}

/// Whether no name has it.
fn is_sign(char: char) -> bool {
    !char.is_alphanumeric() && char != '_'
}

/// The operators of more than one sign.
const OPERATORS: [&str; 24] = [
    "::", "..", "...", "..=", "==", "!=", "<=", ">=", "+=", "-=", "*=", "/=", "%=", "^=", "&=",
    "|=", "<<", ">>", "<<=", ">>=", "=>", "->", "&&", "||",
];

/// Whether `next`, right behind `signs`, is a part of the same operator.
fn belongs(signs: &str, next: char) -> bool {
    OPERATORS.contains(&format!("{signs}{next}").as_str())
}

#[cfg(test)]
mod tests {
    use proc_macro2::TokenStream;

    use super::{outline, text, word};

    #[test]
    fn it_is_written_as_its_author_would() {
        for code in [
            "task",
            "(&promise)",
            "&mut *x.y[1]",
            "self.0.fetch(&url, -1, !done)?",
            "a.await + b as u64 * 2 - c",
            "pending::<Vec<u32>>()",
            "<T as Default>::default()",
            "std::future::ready(|x, y: &u32| x + y)",
            "list.iter().map(|_| async move { take!(c) })",
            "run(|| 1, move || { f(); g() })",
            "if a && !b || c == d { e } else { match f { Some(n) => n, _ => 0..10 } }",
            "take!(orders, 100ms, default)",
            "f::<'static, A>(x..=y, \"a b\", 'c', [1; 2])",
            "a < b",
            "Point { x: 1, ..base }",
            "{}",
            "take!(take!(inner).unwrap())",
            "await!(each list.map(|x| dsl::await!(x)))",
            "await!(each [a, b])",
            "join!(each [a, b]) + dsl::join!(each list)",
            "join!(each, each.x)",
            "rejoin!(each list, [a])",
            "await!(each.x, each)",
            "assert(matches!(each[1], 1..))",
            "run!(@list a, b @ 1..)",
            "put!(c, f(\"(\").await + 1, x.await)",
            "sleep!(Duration::from_millis(100))",
            "alt! { n = take!(c) => return ::core::mem::take(n), default => (1,) }",
            "f(r#\"@park \"awaiting(\"  {\"#, b\"\\n\")",
            "take!($channel, 20ms)",
            "run(|all: Vec<Option<u8>>| { let n: Map<_, &u8> = all as Map<u8, u8>; n })",
            "MAX < n && T > n",
        ] {
            assert_eq!(text(&tokens(code)), code);
        }
    }

    #[test]
    fn it_is_one_line() {
        for (code, line) in [
            (
                "put!(\n    c, // first\n    f(\n        1,\n        [2, 3,],\n    ),\n)",
                "put!(c, f(1, [2, 3]))",
            ),
            (
                "take!(c\n    .get(\"of\n    two  lines\"))",
                "take!(c.get(\"of two  lines\"))",
            ),
            (
                "S {\n    a: (1,),\n    b: &(2,),\n}",
                "S { a: (1,), b: &(2,) }",
            ),
        ] {
            assert_eq!(text(&tokens(code)), line);
        }
    }

    #[test]
    fn a_marked_word_is_written_as_it_was() {
        for (code, written) in [
            (
                r#"f(take!(@park c, x; @"take!(c, 1.5s)"))"#,
                "f(take!(c, 1.5s))",
            ),
            (
                r#"$crate::await_!(@park [1, 2] x; @"await!(\"@park\")")"#,
                "await!(\"@park\")",
            ),
            (
                r#"dsl::await_!(@park [1, 2] x; @"await!(c)")?"#,
                "dsl::await!(c)?",
            ),
            (
                "take!(@park a; @(take!(a, await!(b))))",
                "take!(a, await!(b))",
            ),
            (
                "1 + $crate::await_!(@park [1, 2] take!(@park c))",
                "1 + await!(take!(c))",
            ),
            ("take!(@closure c)", "take!(c)"),
            (
                "timeout!(@park t, { yield_now!(@park) })",
                "timeout!(t, { yield_now!() })",
            ),
            ("return $crate::await_!(c)", "return await!(c)"),
        ] {
            assert_eq!(text(&tokens(code)), written);
        }
        assert_eq!(
            word("await_", &tokens("@park [1, 2] each list,")),
            "await!(each list)"
        );
        assert_eq!(word("take", &tokens(r#"@park c; @"take!(d)""#)), "take!(d)");
        assert_eq!(
            outline(&tokens(r#"f().g(take!(@park c; @"take!(c)")).h![1]"#)),
            "f().g(…).h![…]"
        );
    }

    fn tokens(code: &str) -> TokenStream {
        code.parse().expect("tokens")
    }

    #[test]
    fn an_outline_has_no_arguments() {
        let outline = outline(&tokens("a(b, c).d().e([f]).g({ h })"));
        assert_eq!(outline, "a(…).d().e(…).g(…)");
    }
}
