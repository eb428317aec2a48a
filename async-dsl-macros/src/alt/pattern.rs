//! Which patterns are seen not to match always. rustc judges the rest.

use proc_macro2::{Span, TokenStream};
use syn::Pat;
use syn::parse::Parser;
use syn::spanned::Spanned;
use syn::visit_mut::{self, VisitMut};

/// Where `pattern` says that it does not match everything, if it plainly does.
pub(super) fn refutable(pattern: &TokenStream) -> Option<Span> {
    let mut pattern = Pat::parse_single.parse2(pattern.clone()).ok()?;
    let mut finder = Finder(None);
    finder.visit_pat_mut(&mut pattern);
    finder.0
}

struct Finder(Option<Span>);

impl VisitMut for Finder {
    fn visit_pat_mut(&mut self, pattern: &mut Pat) {
        let path = match &*pattern {
            // Its alternatives may well match everything together.
            Pat::Or(_) => return,
            Pat::Lit(_) | Pat::Range(_) => {
                self.0.get_or_insert(pattern.span());
                return;
            }
            Pat::Ident(name) if name.ident == "None" => Some(&name.ident),
            Pat::TupleStruct(variant) => variant.path.segments.last().map(|last| &last.ident),
            Pat::Path(variant) => variant.path.segments.last().map(|last| &last.ident),
            _ => None,
        };
        if let Some(name) = path.filter(|name| {
            ["Some", "None", "Ok", "Err"]
                .iter()
                .any(|known| name == known)
        }) {
            self.0.get_or_insert(name.span());
        }
        visit_mut::visit_pat_mut(self, pattern);
    }
}
