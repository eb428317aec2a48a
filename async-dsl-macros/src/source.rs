//! Code as its author would write it, on one line: what is shown of an operation.

use proc_macro2::{Delimiter, Spacing, TokenStream, TokenTree};

/// The text of `tokens`. It is for reading: where only a parser could tell what a sign means, it may have a space too many.
pub(crate) fn text(tokens: &TokenStream) -> String {
    let mut writer = Writer::default();
    writer.write(tokens.clone());
    writer.text
}

/// The same, with `…` for what is in the outermost brackets.
pub(crate) fn outline(tokens: &TokenStream) -> String {
    let mut writer = Writer {
        elides: true,
        ..Writer::default()
    };
    writer.write(tokens.clone());
    writer.text
}

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
                TokenTree::Ident(name) => self.word(&name.to_string()),
                TokenTree::Literal(literal) => self.word(&literal.to_string()),
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
                    let calls = matches!(tokens.get(at), Some(TokenTree::Group(_)));
                    self.sign(&signs, calls);
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
            "as" | "async" | "break" | "continue" | "else" | "if" | "in" | "let" | "loop"
            | "match" | "move" | "mut" | "ref" | "return" | "static" | "unsafe" | "while" => {
                Last::Keyword
            }
            _ => Last::Value,
        };
    }

    fn group(&mut self, group: &proc_macro2::Group) {
        let (open, close) = match group.delimiter() {
            Delimiter::Parenthesis => ("(", ")"),
            Delimiter::Bracket => ("[", "]"),
            Delimiter::Brace => ("{ ", " }"),
            Delimiter::None => ("", ""),
        };
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
                let outer = (
                    std::mem::take(&mut self.in_bars),
                    std::mem::take(&mut self.angles),
                );
                self.write(group.stream());
                (self.in_bars, self.angles) = outer;
            }
            self.text.push_str(close);
        }
        self.last = Last::Value;
    }

    fn sign(&mut self, signs: &str, calls: bool) {
        let is_prefix = self.last != Last::Value;
        let (is_apart, last) = match signs {
            "." | "::" | ".." | "..=" => (self.last == Last::Operator, Last::Prefix),
            "," | ";" | ":" => (false, Last::Operator),
            "?" => (false, Last::Value),
            "!" if calls && !is_prefix => (false, Last::Prefix),
            "'" | "#" => (
                !matches!(self.last, Last::Open | Last::Prefix),
                Last::Prefix,
            ),
            "|" if self.in_bars => {
                self.in_bars = false;
                (false, Last::Operator)
            }
            "|" if is_prefix => {
                self.in_bars = true;
                (
                    !matches!(self.last, Last::Open | Last::Prefix),
                    Last::Prefix,
                )
            }
            "||" if is_prefix => (
                !matches!(self.last, Last::Open | Last::Prefix),
                Last::Operator,
            ),
            "<" if is_prefix => {
                self.angles += 1;
                (
                    !matches!(self.last, Last::Open | Last::Prefix),
                    Last::Prefix,
                )
            }
            "<" if self.angles > 0 => {
                self.angles += 1;
                (false, Last::Prefix)
            }
            ">" | ">>" if self.angles > 0 => {
                self.angles = self.angles.saturating_sub(signs.len());
                (false, Last::Value)
            }
            "&" | "&&" | "*" | "-" | "!" if is_prefix => (
                !matches!(self.last, Last::Open | Last::Prefix),
                Last::Prefix,
            ),
            _ => (self.last != Last::Open, Last::Operator),
        };
        if is_apart {
            self.text.push(' ');
        }
        self.text.push_str(signs);
        self.last = last;
    }
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

    use super::{outline, text};

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
        ] {
            let tokens: TokenStream = code.parse().expect("tokens");
            assert_eq!(text(&tokens), code);
        }
    }

    #[test]
    fn an_outline_has_no_arguments() {
        let tokens: TokenStream = "a(b, c).d().e([f]).g({ h })".parse().expect("tokens");
        assert_eq!(outline(&tokens), "a(…).d().e(…).g(…)");
    }
}
