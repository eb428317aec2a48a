//! The final form of the simple words, for `expand!`. The exported `macro_rules!` are what runs; a test
//! holds the two together.

use proc_macro2::{Literal, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote};

use crate::marked::Marked;
use crate::source;
use crate::tokens::{is_ident, operand, split_arguments};
use crate::words::{AWAIT, is_of_futures};

/// What the word `name` becomes, given its arguments with the marker. `None` if it does not park where it stands, or the
/// arguments are wrong: the word itself says so.
pub(crate) fn word(name: &str, arguments: TokenStream) -> Option<TokenStream> {
    let text = Literal::string(&source::word(name, &arguments));
    let marked = Marked::split(name, arguments);
    if !marked.parks {
        return None;
    }
    let (here, arguments) = (marked.here, marked.operands);
    let here = here.map_or_else(
        || quote!([::core::line!(), ::core::column!()]),
        ToTokens::into_token_stream,
    );
    let spot = quote!(async_dsl::__private::spot!(#here #text));
    let mut tokens = arguments.clone().into_iter();
    if is_of_futures(name) && is_ident(tokens.next().as_ref(), "each") {
        let tasks: TokenStream = tokens.collect();
        if !matches!(
            tasks.clone().into_iter().next(),
            None | Some(TokenTree::Punct(_))
        ) {
            return Some(of_each(name, &tasks, &spot));
        }
    }
    let operands = split_arguments(arguments);
    Some(match (name, operands.as_slice()) {
        ("take", [channel]) => {
            let channel = operand(channel, Span::mixed_site());
            quote!(#channel.async_dsl_take(async_dsl::__word!(#text)).await)
        }
        ("take", [channel, time, default]) => {
            let channel = operand(channel, Span::mixed_site());
            quote! {
                match #channel
                    .async_dsl_take_for(
                        async_dsl::__private::TakeTime::time(#time),
                        async_dsl::__word!(#text),
                    )
                    .await
                {
                    ::core::result::Result::Ok(__got) => __got,
                    ::core::result::Result::Err(__late) => __late.or({ #default }),
                }
            }
        }
        ("put", [channel, value]) => {
            let channel = operand(channel, Span::mixed_site());
            quote!((#channel.async_dsl_put({ #value }, async_dsl::__word!(#text))).await)
        }
        ("put", [channel, value, time]) => {
            let channel = operand(channel, Span::mixed_site());
            quote! {
                #channel
                    .async_dsl_put_for(
                        { #value },
                        async_dsl::__private::PutTime::time(#time),
                        async_dsl::__word!(#text),
                    )
                    .await
            }
        }
        (AWAIT, [future]) => quote! {
            async_dsl::__private::awaiting(
                async_dsl::__private::AwaitsOne::operand(#future),
                #spot,
            )
            .one()
            .await
        },
        (name, [_, ..]) if is_of_futures(name) => of_several(name, &operands, &spot),
        ("sleep", [time]) => quote! {
            async_dsl::__private::sleep(
                async_dsl::__private::SleepTime::time(#time),
                async_dsl::__word!(#text),
            )
            .await
        },
        ("yield_now", []) => quote!(async_dsl::__private::yield_now().await),
        _ => return None,
    })
}

/// What a word for futures becomes that stands before `each` of a list.
fn of_each(name: &str, list: &TokenStream, spot: &TokenStream) -> TokenStream {
    let (operand, future) = match name {
        AWAIT => (quote!(AwaitsEach::operand(#list)), quote!(each)),
        "try_join" => (quote!(TriesEach::operand(#list).each()), quote!(try_each)),
        "race" => (quote!(RacesEach::operand(#list)), quote!(first_of_each)),
        _ => (quote!(JoinsEach::operand(#list)), quote!(each)),
    };
    quote! {
        async_dsl::__private::awaiting(async_dsl::__private::#operand, #spot).#future().await
    }
}

/// What one becomes that has several operands.
fn of_several(name: &str, futures: &[TokenStream], spot: &TokenStream) -> TokenStream {
    let (operand, start, future) = match name {
        AWAIT => (quote!(AwaitsOne), None, quote!(all)),
        "try_join" => (quote!(TriesOne), Some(quote!(.one())), quote!(try_all)),
        "race" => (quote!(RacesOne), None, quote!(first)),
        _ => (quote!(JoinsOne), None, quote!(all)),
    };
    quote! {
        async_dsl::__private::awaiting(
            (#(async_dsl::__private::#operand::operand(#futures) #start,)*),
            #spot,
        )
        .#future()
        .await
    }
}

#[cfg(test)]
mod tests {
    use proc_macro2::{Group, TokenStream, TokenTree};
    use quote::quote;

    use super::word;
    use crate::tokens::is_punct;

    /// The exported macros, to compare with.
    const MACROS: &str = concat!(
        include_str!("../../async-dsl/src/macros/channels.rs"),
        include_str!("../../async-dsl/src/macros/several.rs"),
        include_str!("../../async-dsl/src/macros/words.rs")
    );

    /// The code of each `(@park …) => { … }` in the definition of `name`.
    fn arms(name: &str) -> Vec<String> {
        let tokens: Vec<TokenTree> = MACROS
            .parse::<TokenStream>()
            .expect("the macros")
            .into_iter()
            .collect();
        let is_definition = |at: &usize| {
            matches!(&tokens[*at], TokenTree::Ident(ident) if ident == "macro_rules")
                && matches!(&tokens[*at + 2], TokenTree::Ident(ident) if ident == name)
        };
        let at = (0..tokens.len())
            .rfind(is_definition)
            .expect("a definition");
        let TokenTree::Group(body) = &tokens[at + 3] else {
            panic!("a macro's body")
        };
        let body: Vec<TokenTree> = body.stream().into_iter().collect();
        let is_park = |tokens: &&[TokenTree]| matches!(&tokens[0], TokenTree::Group(pattern) if pattern.stream().to_string().starts_with("@ park"));
        let arms = body
            .split(|token| is_punct(Some(token), ';'))
            .filter(|arm| !arm.is_empty())
            .filter(is_park);
        arms.map(|arm| match &arm[3] {
            TokenTree::Group(code) => plain(&once(code.stream())),
            _ => panic!("an arm's code"),
        })
        .collect()
    }

    /// What is repeated, `$(…)+` with a comma in or behind it, once.
    fn once(tokens: TokenStream) -> TokenStream {
        let mut out: Vec<TokenTree> = Vec::new();
        for token in tokens {
            let is_end = is_punct(Some(&token), '+');
            let comma = usize::from(is_end && is_punct(out.last(), ','));
            match out.len().checked_sub(1 + comma).map(|at| (at, &out[at])) {
                Some((at, TokenTree::Group(group))) if is_end => {
                    let repeated = group.stream();
                    out.truncate(at - 1);
                    out.extend(repeated);
                }
                _ => out.push(match token {
                    TokenTree::Group(group) => {
                        Group::new(group.delimiter(), once(group.stream())).into()
                    }
                    token => token,
                }),
            }
        }
        out.into_iter().collect()
    }

    /// Tokens without the `$` of variables and repetitions, as text.
    fn plain(tokens: &TokenStream) -> String {
        let text = tokens
            .to_string()
            .replace("$ crate", "async_dsl")
            .replace("$crate", "async_dsl");
        text.replace("$ ", "")
            .replace('$', "")
            .split_whitespace()
            .collect::<String>()
            .replace(",)", ")")
    }

    fn check(name: &str, index: usize, arguments: &TokenStream) {
        let marked = quote!(@park #arguments; @"text");
        let shown = plain(&word(name, marked).expect("right arguments"));
        // What a text is made of that is not there.
        let operands = plain(arguments).replace("here", "");
        let code = format!("{}!({operands})", name.trim_end_matches('_'));
        assert_eq!(
            arms(name)[index].replace(&format!("(text)?{code}"), "\"text\""),
            shown,
            "`{name}!` does not do what `expand!` shows"
        );
    }

    #[test]
    fn shown_words_are_the_exported_ones() {
        check("take", 0, &quote!(channel));
        check("take", 1, &quote!(channel, time, default));
        check("put", 0, &quote!(channel, value));
        check("put", 1, &quote!(channel, value, time));
        check("await_", 0, &quote!(here each tasks));
        check("await_", 1, &quote!(here future));
        for name in ["join", "try_join", "race"] {
            check(name, 0, &quote!(each list));
            check(name, 2, &quote!(future));
        }
        check("sleep", 0, &quote!(time));
        check("yield_now", 0, &quote!());
    }
}
