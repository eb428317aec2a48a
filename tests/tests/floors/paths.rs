//! The paths in a crate's source, and the files that they lead to.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// One path in a file that leads to a module of the crate.
#[derive(Clone, Debug)]
pub(crate) struct Reference {
    /// The file, from the crate's source folder.
    pub(crate) from: String,
    pub(crate) line: usize,
    /// As it is written.
    pub(crate) path: String,
    /// The module whose file has what the path names.
    pub(crate) to: String,
}

/// A path as it is written, with its line.
struct Written {
    segments: Vec<String>,
    alias: Option<String>,
    line: usize,
    is_use: bool,
    /// In the line of a `pub use`, which hands the name on.
    is_handed_on: bool,
}

struct Source {
    file: String,
    children: BTreeSet<String>,
    paths: Vec<Written>,
}

/// A crate, by the paths of its modules; the root is the empty one.
pub(crate) struct Crate {
    modules: BTreeMap<String, Source>,
}

impl Crate {
    pub(crate) fn read(src: &Path) -> Self {
        let mut modules = BTreeMap::new();
        let mut left = vec![(String::new(), "lib.rs".to_owned())];
        while let Some((module, file)) = left.pop() {
            let text = fs::read_to_string(src.join(&file))
                .unwrap_or_else(|error| panic!("{file}: {error}"));
            let tokens: TokenStream = text
                .parse()
                .unwrap_or_else(|error| panic!("{file}: {error}"));
            let mut source = Source {
                file,
                children: BTreeSet::new(),
                paths: Vec::new(),
            };
            read(tokens, 0, &mut source);
            for child in &source.children {
                let path = join(&module, child);
                let file = path.replace("::", "/");
                let file = [format!("{file}.rs"), format!("{file}/mod.rs")]
                    .into_iter()
                    .find(|file| src.join(file).exists());
                left.push((
                    path.clone(),
                    file.unwrap_or_else(|| panic!("`{path}` has no file")),
                ));
            }
            modules.insert(module, source);
        }
        Self { modules }
    }

    /// The module that a file is.
    pub(crate) fn module(&self, file: &str) -> &str {
        let found = self.modules.iter().find(|(_, source)| source.file == file);
        found
            .map(|(module, _)| module.as_str())
            .expect("it was read")
    }

    pub(crate) fn file(&self, module: &str) -> &str {
        &self.modules[module].file
    }

    pub(crate) fn references(&self) -> impl Iterator<Item = Reference> {
        self.modules.iter().flat_map(move |(module, source)| {
            source
                .paths
                .iter()
                .filter_map(move |written| self.reference(module, source, written))
        })
    }

    fn reference(&self, module: &str, source: &Source, written: &Written) -> Option<Reference> {
        let absolute = self.absolute(module, source, written)?;
        let (to, is_whole) = self.resolve(&absolute, 0);
        // A module that is imported counts where something of it is named; a `mod.rs` that hands a name on has no need of it.
        if is_whole || written.is_handed_on || to == module {
            return None;
        }
        Some(Reference {
            from: source.file.clone(),
            line: written.line,
            path: written.segments.join("::"),
            to,
        })
    }

    /// The path from the root; `None` if it leads out of the crate, or to a local name.
    fn absolute(&self, module: &str, source: &Source, written: &Written) -> Option<Vec<String>> {
        let first = written.segments.first()?;
        let mut at: Vec<String> = module
            .split("::")
            .filter(|segment| !segment.is_empty())
            .map(String::from)
            .collect();
        let mut rest = written.segments.as_slice();
        match first.as_str() {
            "crate" => {
                at.clear();
                rest = &rest[1..];
            }
            "self" => rest = &rest[1..],
            "super" => {
                while rest.first().is_some_and(|segment| segment == "super") {
                    at.pop();
                    rest = &rest[1..];
                }
            }
            child if source.children.contains(child) => {}
            name => {
                // A module that was imported.
                let import = source
                    .paths
                    .iter()
                    .find(|path| path.is_use && path.name() == Some(name))?;
                if std::ptr::eq(import, written) {
                    return None;
                }
                let target = self.absolute(module, source, import)?;
                let (to, is_whole) = self.resolve(&target, 0);
                if !is_whole {
                    return None;
                }
                at = to
                    .split("::")
                    .filter(|segment| !segment.is_empty())
                    .map(String::from)
                    .collect();
                rest = &rest[1..];
            }
        }
        at.extend(rest.iter().cloned());
        Some(at)
    }

    /// The module that has what the path names, and whether the path names the whole of it.
    fn resolve(&self, path: &[String], depth: usize) -> (String, bool) {
        let known = (0..=path.len())
            .rev()
            .find(|end| self.modules.contains_key(&path[..*end].join("::")));
        let end = known.expect("the root is a module");
        let module = path[..end].join("::");
        let source = &self.modules[&module];
        let Some(name) = path.get(end) else {
            return (module, true);
        };
        let handed_on = source
            .paths
            .iter()
            .find(|written| written.is_use && written.name() == Some(name));
        if let Some(target) = handed_on.and_then(|written| self.absolute(&module, source, written))
        {
            let target: Vec<String> = target
                .into_iter()
                .chain(path[end + 1..].iter().cloned())
                .collect();
            // A module inside a file names what stands around it: that leads back here.
            if target != path && depth < 9 {
                return self.resolve(&target, depth + 1);
            }
        }
        (module, false)
    }
}

impl Written {
    /// The name that a `use` brings in.
    fn name(&self) -> Option<&str> {
        self.alias
            .as_deref()
            .or_else(|| self.segments.last().map(String::as_str))
    }
}

fn join(module: &str, child: &str) -> String {
    if module.is_empty() {
        child.to_owned()
    } else {
        format!("{module}::{child}")
    }
}

fn is_punct(token: Option<&TokenTree>, wanted: char) -> bool {
    matches!(token, Some(TokenTree::Punct(punct)) if punct.as_char() == wanted)
}

fn ident(token: Option<&TokenTree>) -> Option<String> {
    match token {
        Some(TokenTree::Ident(ident)) => Some(ident.to_string()),
        _ => None,
    }
}

/// Collects the children and the paths of a file, without its unit tests. `depth` is how many modules inside the file these
/// tokens are in.
fn read(tokens: TokenStream, depth: usize, source: &mut Source) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let mut at = 0;
    let (mut is_test, mut is_public, mut is_module) = (false, false, false);
    while at < tokens.len() {
        match &tokens[at] {
            TokenTree::Punct(punct) if punct.as_char() == '#' => {
                if let Some(TokenTree::Group(attribute)) = tokens.get(at + 1) {
                    let text = attribute.stream().to_string().replace(' ', "");
                    is_test |= text == "cfg(test)" || text.starts_with("cfg(all(test,");
                    at += 1;
                }
            }
            TokenTree::Ident(word) if word == "pub" => {
                is_public = true;
                if matches!(tokens.get(at + 1), Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Parenthesis)
                {
                    at += 1;
                }
            }
            TokenTree::Ident(word) if word == "use" => {
                let end = (at..tokens.len())
                    .find(|end| is_punct(tokens.get(*end), ';'))
                    .unwrap_or(tokens.len());
                if !is_test {
                    let from = source.paths.len();
                    tree(&tokens[at + 1..end], &[], is_public, source);
                    let mut new = source.paths.split_off(from);
                    new.retain_mut(|written| leave(&mut written.segments, depth));
                    source.paths.extend(new);
                }
                at = end;
                (is_test, is_public) = (false, false);
            }
            TokenTree::Ident(word) if word == "mod" && is_punct(tokens.get(at + 2), ';') => {
                if !is_test {
                    source.children.extend(ident(tokens.get(at + 1)));
                }
                at += 2;
                (is_test, is_public) = (false, false);
            }
            TokenTree::Ident(word) if word == "mod" => is_module = true,
            TokenTree::Ident(_) if starts_path(&tokens, at) => {
                let (mut segments, end) = path(&tokens, at);
                let line = tokens[at].span().start().line;
                if !is_test && leave(&mut segments, depth) {
                    source.paths.push(Written {
                        segments,
                        alias: None,
                        line,
                        is_use: false,
                        is_handed_on: false,
                    });
                }
                at = end - 1;
            }
            TokenTree::Group(group) => {
                if !is_test {
                    read(group.stream(), depth + usize::from(is_module), source);
                }
                if group.delimiter() == Delimiter::Brace {
                    (is_test, is_public) = (false, false);
                    is_module = false;
                }
            }
            TokenTree::Punct(punct) if punct.as_char() == ';' => {
                (is_test, is_public) = (false, false);
            }
            _ => {}
        }
        at += 1;
    }
}

/// Makes a path inside `depth` modules of a file one of the file itself; `false` if it stays inside of them.
fn leave(segments: &mut Vec<String>, depth: usize) -> bool {
    let up = segments
        .iter()
        .take_while(|segment| *segment == "super")
        .count();
    if up > 0 && depth > 0 {
        segments.drain(..up.min(depth));
        return up > depth;
    }
    true
}

fn starts_path(tokens: &[TokenTree], at: usize) -> bool {
    let is_inner = at > 0
        && (is_punct(tokens.get(at - 1), ':') && at > 1 && is_punct(tokens.get(at - 2), ':')
            || is_punct(tokens.get(at - 1), '$'));
    !is_inner && is_punct(tokens.get(at + 1), ':') && is_punct(tokens.get(at + 2), ':')
}

/// The segments of a path in the code, and where it ends.
fn path(tokens: &[TokenTree], mut at: usize) -> (Vec<String>, usize) {
    let mut segments = Vec::new();
    while let Some(segment) = ident(tokens.get(at)) {
        segments.push(segment);
        at += 1;
        if !(is_punct(tokens.get(at), ':') && is_punct(tokens.get(at + 1), ':')) {
            break;
        }
        at += 2;
    }
    (segments, at)
}

/// The paths of a `use`.
fn tree(tokens: &[TokenTree], prefix: &[String], is_handed_on: bool, source: &mut Source) {
    for part in tokens.split(|token| is_punct(Some(token), ',')) {
        let Some(first) = part.first() else { continue };
        let line = first.span().start().line;
        let (own, end) = path(part, 0);
        let mut segments = [prefix, &own].concat();
        match part.get(end) {
            Some(TokenTree::Group(group)) => {
                tree(
                    &group.stream().into_iter().collect::<Vec<_>>(),
                    &segments,
                    is_handed_on,
                    source,
                );
            }
            Some(TokenTree::Punct(_)) => {} // a glob
            rest => {
                let alias = rest.and_then(|_| ident(part.get(end + 1)));
                if segments.len() > 1 && segments.last().is_some_and(|last| last == "self") {
                    segments.pop();
                }
                source.paths.push(Written {
                    segments,
                    alias,
                    line,
                    is_use: true,
                    is_handed_on,
                });
            }
        }
    }
}
