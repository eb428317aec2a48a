//! The temporaries of an operand that is evaluated only if its arm's condition holds.
//!
//! They are to live as long as those of the other operands, but all that is evaluated in a branch is dropped with
//! it. So they are written out as variables, which are declared outside: `table.borrow().get(0)` becomes
//! `kept = table.borrow();` and `kept.get(0)`. What is a temporary is plain from the syntax: the value of an expression
//! where a place is wanted, such as the receiver of a method and what `&` is applied to.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote_spanned};
use syn::{BinOp, Expr, UnOp};

/// An operand, and what is evaluated before it.
pub(super) struct Kept {
    /// In the order of evaluation.
    pub(super) variables: Vec<(Ident, TokenStream)>,
    pub(super) operand: TokenStream,
}

/// `operand` as a place: a variable, or a place in one.
pub(super) fn place(operand: &TokenStream, arm: usize, span: Span) -> Kept {
    keep(operand, arm, span, Keeper::place)
}

/// `operand` as a value.
pub(super) fn value(operand: &TokenStream, arm: usize, span: Span) -> Kept {
    keep(operand, arm, span, Keeper::value)
}

fn keep(
    operand: &TokenStream,
    arm: usize,
    span: Span,
    how: impl FnOnce(&mut Keeper, &mut Expr),
) -> Kept {
    let mut keeper = Keeper {
        arm,
        span,
        kept: Vec::new(),
    };
    // What does not parse is reported by rustc as it stands.
    let operand = syn::parse2(operand.clone()).map_or_else(
        |_| operand.clone(),
        |mut operand| {
            how(&mut keeper, &mut operand);
            operand.into_token_stream()
        },
    );
    Kept {
        variables: keeper.kept,
        operand,
    }
}

/// Whether `operand` is a place already, and no value of its own.
pub(super) fn is_place(operand: &TokenStream) -> bool {
    fn is_place(operand: &Expr) -> bool {
        match operand {
            Expr::Path(_) | Expr::Field(_) | Expr::Index(_) => true,
            Expr::Unary(unary) => matches!(unary.op, UnOp::Deref(_)),
            Expr::Paren(inner) => is_place(&inner.expr),
            Expr::Group(inner) => is_place(&inner.expr),
            _ => false,
        }
    }
    syn::parse2(operand.clone()).is_ok_and(|operand| is_place(&operand))
}

struct Keeper {
    arm: usize,
    span: Span,
    kept: Vec<(Ident, TokenStream)>,
}

impl Keeper {
    /// Puts the value of `expr` into a variable, which is filled at `place` among the others.
    fn keep(&mut self, expr: &mut Expr, place: usize) {
        let name = format_ident!("__kept_{}_{}", self.arm, self.kept.len(), span = self.span);
        let value = expr.to_token_stream();
        *expr = Expr::Verbatim(quote_spanned!(self.span=> #name));
        self.kept.insert(place, (name, value));
    }

    /// Keeps what `expr` makes, where a place is wanted.
    fn place(&mut self, expr: &mut Expr) {
        match expr {
            Expr::Paren(inner) => {
                self.place(&mut inner.expr);
                if matches!(*inner.expr, Expr::Verbatim(_)) {
                    *expr = (*inner.expr).clone(); // needs none
                }
            }
            Expr::Group(inner) => self.place(&mut inner.expr),
            Expr::Field(field) => self.place(&mut field.base),
            Expr::Unary(unary) if matches!(unary.op, UnOp::Deref(_)) => self.place(&mut unary.expr),
            Expr::Index(index) => {
                self.place(&mut index.expr);
                self.values([&mut *index.index]);
            }
            // The latter live for ever as they are.
            Expr::Path(_) | Expr::Lit(_) => {}
            _ => {
                self.value(expr);
                self.keep(expr, self.kept.len());
            }
        }
    }

    /// Keeps what `expr` makes on its way to its value. What has a scope of its own inside, or is a macro's, is left as it is.
    fn value(&mut self, expr: &mut Expr) {
        match expr {
            Expr::Paren(inner) => self.value(&mut inner.expr),
            Expr::Group(inner) => self.value(&mut inner.expr),
            Expr::Try(inner) => self.value(&mut inner.expr),
            Expr::Await(inner) => self.value(&mut inner.base),
            Expr::Cast(inner) => self.value(&mut inner.expr),
            Expr::Unary(unary) if !matches!(unary.op, UnOp::Deref(_)) => {
                self.value(&mut unary.expr);
            }
            Expr::Field(_) | Expr::Index(_) | Expr::Unary(_) => self.place(expr),
            Expr::Reference(inner) => self.place(&mut inner.expr),
            Expr::Match(inner) => self.place(&mut inner.expr),
            Expr::MethodCall(call) => {
                self.place(&mut call.receiver);
                self.values(&mut call.args);
            }
            Expr::Call(call) => {
                let function = [&mut *call.func];
                self.values(function.into_iter().chain(&mut call.args));
            }
            Expr::Binary(inner) if is_arithmetic(&inner.op) => {
                self.values([&mut *inner.left, &mut *inner.right]);
            }
            Expr::Tuple(inner) => self.values(&mut inner.elems),
            Expr::Array(inner) => self.values(&mut inner.elems),
            Expr::Struct(inner) => {
                self.values(inner.fields.iter_mut().map(|field| &mut field.expr));
            }
            _ => {}
        }
    }

    /// Values that are evaluated one after the other: if something is kept of one, so are those before it.
    fn values<'e>(&mut self, exprs: impl IntoIterator<Item = &'e mut Expr>) {
        let mut earlier = Vec::new();
        for expr in exprs {
            let before = self.kept.len();
            self.value(expr);
            if self.kept.len() > before {
                for (number, (earlier, place)) in earlier.drain(..).enumerate() {
                    self.keep(earlier, place + number);
                }
            }
            if !is_still(expr) {
                earlier.push((expr, self.kept.len()));
            }
        }
    }
}

fn is_arithmetic(op: &BinOp) -> bool {
    use BinOp::{Add, BitAnd, BitOr, BitXor, Div, Mul, Rem, Shl, Shr, Sub};
    matches!(
        op,
        Add(_)
            | Sub(_)
            | Mul(_)
            | Div(_)
            | Rem(_)
            | BitXor(_)
            | BitAnd(_)
            | BitOr(_)
            | Shl(_)
            | Shr(_)
    )
}

/// Whether nobody can tell when `expr` is evaluated.
fn is_still(expr: &Expr) -> bool {
    match expr {
        Expr::Path(_) | Expr::Lit(_) | Expr::Closure(_) | Expr::Async(_) | Expr::Verbatim(_) => {
            true
        }
        Expr::Paren(inner) => is_still(&inner.expr),
        Expr::Group(inner) => is_still(&inner.expr),
        Expr::Field(inner) => is_still(&inner.base),
        Expr::Reference(inner) => is_still(&inner.expr),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use proc_macro2::{Span, TokenStream};
    use quote::quote;

    use super::{is_place, place, value};

    /// What is kept, in order, and what is left.
    fn kept(tokens: &TokenStream) -> String {
        let kept = place(tokens, 0, Span::call_site());
        let mut lines: Vec<String> = kept
            .variables
            .into_iter()
            .map(|(name, value)| format!("{name} = {value};"))
            .collect();
        lines.push(kept.operand.to_string());
        lines.join(" ").replace("__kept_0_", "k")
    }

    #[test]
    fn what_is_a_place_is_left() {
        for tokens in [
            quote!(c),
            quote!(self.hub.jobs[3]),
            quote!((*c)),
            quote!(hub.jobs[i].0),
        ] {
            assert_eq!(kept(&tokens), tokens.to_string());
            assert!(is_place(&tokens));
        }
        assert!(!is_place(&quote!(&c)) && !is_place(&quote!(c.take())));
    }

    #[test]
    fn every_temporary_is_kept() {
        for (tokens, expected) in [
            (
                quote!(table.borrow().get(0).unwrap()),
                "k0 = table . borrow (); k1 = k0 . get (0); k2 = k1 . unwrap (); k2",
            ),
            (
                quote!(table.borrow()[0].jobs),
                "k0 = table . borrow (); k0 [0] . jobs",
            ),
            (quote!((&*f())), "k0 = f (); k1 = & * k0; k1"),
            (
                quote!(f(&g()?, "text")),
                "k0 = g () ?; k1 = f (& k0 , \"text\"); k1",
            ),
            (
                quote!(match f() {
                    Some(c) => c.get(),
                    None => h().i(),
                }),
                "k0 = f (); k1 = match k0 { Some (c) => c . get () , None => h () . i () , }; k1",
            ),
            // What has a scope inside, or is a macro's, is one value.
            (quote!({ f().g() }), "k0 = { f () . g () }; k0"),
            (
                quote!(pick!(f().g()).h),
                "k0 = pick ! (f () . g ()); k0 . h",
            ),
            (quote!(f(|| g().h())), "k0 = f (| | g () . h ()); k0"),
        ] {
            assert_eq!(kept(&tokens), expected);
        }
    }

    #[test]
    fn the_order_of_evaluation_is_that_of_the_text() {
        for (tokens, expected) in [
            (quote!(f(a(), b())), "k0 = f (a () , b ()); k0"),
            (
                quote!(f(a(), &b(), x, c(), &d(), e())),
                "k1 = a (); k0 = b (); k3 = c (); k2 = d (); k4 = f (k1 , & k0 , x , k3 , & k2 , e ()); k4",
            ),
            (
                quote!(S { a: a(), b: &b() }),
                "k1 = a (); k0 = b (); k2 = S { a : k1 , b : & k0 }; k2",
            ),
            (
                quote!((a() + &b())),
                "k1 = a (); k0 = b (); k2 = k1 + & k0; k2",
            ),
            (quote!((a() == &b())), "k0 = a () == & b (); k0"),
        ] {
            assert_eq!(kept(&tokens), expected);
        }
    }

    #[test]
    fn a_value_is_not_kept_itself() {
        let kept = value(&quote!(table.borrow().time() * 2), 3, Span::call_site());
        assert_eq!(kept.variables.len(), 1);
        assert_eq!(kept.operand.to_string(), "__kept_3_0 . time () * 2");
    }
}
