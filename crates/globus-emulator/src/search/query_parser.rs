//! The two syntaxes of `q`: the simple one, which accepts any text, and the advanced one.

use serde_json::Value;

use super::condition::Bound;

/// Maximum number of words and brackets of a query.
const MAX_NODES: usize = 200;
/// Maximum nesting of brackets.
const MAX_DEPTH: usize = 20;

/// A parsed query.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Node {
    /// Matches everything.
    All,
    /// A word, possibly with wildcards.
    Word(String),
    /// Consecutive words.
    Phrase(String),
    /// A test of a field.
    Field(String, Test),
    And(Vec<Node>),
    Or(Vec<Node>),
    Not(Box<Node>),
}

/// A test of a field.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Test {
    Words(String),
    Range(Option<Bound>, Option<Bound>),
    Exists,
}

impl PartialEq for Bound {
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value && self.inclusive == other.inclusive
    }
}

impl Node {
    /// Collects the words of the query, for boosts.
    pub(crate) fn words(&self, into: &mut Vec<String>) {
        match self {
            Self::Word(text) | Self::Phrase(text) => into.push(text.clone()),
            Self::And(nodes) | Self::Or(nodes) => {
                for node in nodes {
                    node.words(into);
                }
            }
            Self::All | Self::Field(..) | Self::Not(_) => {}
        }
    }
}

/// The operator between words without an explicit one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operator {
    And,
    Or,
}

/// Parses a query.
pub(crate) fn parse(text: &str, advanced: bool, default: Operator) -> Result<Node, String> {
    let mut parser = Parser {
        chars: text.chars().collect(),
        at: 0,
        advanced,
        default,
        nodes: 0,
        depth: 0,
    };
    let mut parts = Vec::new();
    loop {
        parts.extend(parser.alternatives(None)?);
        match parser.peek() {
            None => break,
            // An unmatched closing bracket.
            Some(_) if advanced => return Err(parser.wrong("an unexpected \")\"")),
            Some(_) => parser.at += 1,
        }
    }
    Ok(match parts.len() {
        0 => Node::All,
        1 => parts.swap_remove(0),
        _ => Node::And(parts),
    })
}

struct Parser {
    chars: Vec<char>,
    at: usize,
    advanced: bool,
    default: Operator,
    nodes: usize,
    depth: usize,
}

/// Whether an operand must match, may match, or must not match.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Occur {
    Must,
    May,
    MustNot,
}

impl Parser {
    fn peek(&self) -> Option<char> {
        self.chars.get(self.at).copied()
    }

    fn peek_second(&self) -> Option<char> {
        self.chars.get(self.at + 1).copied()
    }

    fn eat(&mut self, c: char) -> bool {
        let found = self.peek() == Some(c);
        self.at += usize::from(found);
        found
    }

    fn skip_space(&mut self) {
        while self.peek().is_some_and(char::is_whitespace) {
            self.at += 1;
        }
    }

    fn wrong(&self, what: &str) -> String {
        format!(
            "the query cannot be parsed: {what} at character {}",
            self.at + 1
        )
    }

    /// Consumes a keyword of the advanced syntax, if it is a separate word.
    fn eat_keyword(&mut self, keyword: &str) -> bool {
        let end = self.at + keyword.len();
        let here = self
            .chars
            .get(self.at..end)
            .is_some_and(|c| c.iter().copied().eq(keyword.chars()));
        let ends = self
            .chars
            .get(end)
            .is_none_or(|c| c.is_whitespace() || matches!(c, '(' | ')'));
        if self.advanced && here && ends {
            self.at = end;
        }
        self.advanced && here && ends
    }

    /// Parses sequences separated by `|` or `OR`, up to a closing bracket or the end.
    fn alternatives(&mut self, field: Option<&str>) -> Result<Option<Node>, String> {
        let mut sequences = Vec::new();
        loop {
            sequences.extend(self.sequence(field)?);
            self.skip_space();
            if self.eat_keyword("OR") {
                continue;
            }
            if self.eat('|') {
                self.eat('|');
                continue;
            }
            break;
        }
        Ok(match sequences.len() {
            0 | 1 => sequences.pop(),
            _ => Some(Node::Or(sequences)),
        })
    }

    /// Parses operands up to a `|`, an `OR`, a closing bracket or the end.
    fn sequence(&mut self, field: Option<&str>) -> Result<Option<Node>, String> {
        let mut operands: Vec<(Occur, Node)> = Vec::new();
        // `AND` binds two neighbours, the first of which has been parsed already: so its occurrence is
        // changed afterwards, as in Lucene's classic parser.
        let mut joined = false;
        loop {
            self.skip_space();
            let before = self.at;
            match self.peek() {
                None | Some(')' | '|') => break,
                Some(_) => {}
            }
            if self.eat_keyword("OR") {
                self.at = before;
                break;
            }
            let and = self.eat_keyword("AND")
                || (self.advanced && self.peek() == Some('&') && self.eat('&') && self.eat('&'));
            if and {
                joined = true;
                continue;
            }
            let mut occur = if joined { Occur::Must } else { Occur::May };
            if self.peek() == Some('+') {
                self.at += 1;
                occur = Occur::Must;
                // In the simple syntax, a plus requires both of its neighbours.
                joined |= !self.advanced;
                self.skip_space();
            }
            if self.eat_keyword("NOT") || self.eat('-') || (self.advanced && self.eat('!')) {
                occur = Occur::MustNot;
                self.skip_space();
            }
            let Some(node) = self.operand(field)? else {
                continue;
            };
            if joined
                && let Some((before, _)) = operands.last_mut()
                && *before == Occur::May
            {
                *before = Occur::Must;
            }
            joined = false;
            operands.push((occur, node));
        }
        Ok(combine(operands, self.default))
    }

    fn operand(&mut self, field: Option<&str>) -> Result<Option<Node>, String> {
        // Counted before recursion, and for skipped operands too, so that neither depth nor length of
        // hostile input is expensive.
        self.nodes += 1;
        if self.nodes > MAX_NODES {
            return Err(format!("the query has more than {MAX_NODES} parts"));
        }
        match self.peek() {
            None | Some(')' | '|') if self.advanced => Err(self.wrong("something is missing")),
            // The simple syntax never fails. What is missing there is ignored.
            None | Some(')' | '|') => Ok(None),
            Some('(') => {
                self.at += 1;
                self.depth += 1;
                if self.depth > MAX_DEPTH {
                    return Err(self.wrong("too many brackets"));
                }
                let inner = self.alternatives(field)?;
                if !self.eat(')') && self.advanced {
                    return Err(self.wrong("a \")\" is missing"));
                }
                self.depth -= 1;
                self.skip_suffix();
                Ok(inner)
            }
            Some('"') => {
                let phrase = self.quoted()?;
                self.skip_suffix();
                Ok(test(field, Node::Phrase(phrase)))
            }
            Some('[' | '{') if self.advanced => match field {
                Some(field) => {
                    let range = self.range()?;
                    Ok(Some(Node::Field(field.to_owned(), range)))
                }
                None => Err(self.wrong("a range without a field")),
            },
            Some('>' | '<') if self.advanced => match field {
                Some(field) => {
                    let range = self.one_sided()?;
                    Ok(Some(Node::Field(field.to_owned(), range)))
                }
                None => Err(self.wrong("a comparison without a field")),
            },
            Some('/') if self.advanced => {
                Err(self.wrong("a regular expression, which the emulator does not know,"))
            }
            Some(_) => self.word(field),
        }
    }

    fn word(&mut self, field: Option<&str>) -> Result<Option<Node>, String> {
        let mut word = String::new();
        while let Some(c) = self.peek() {
            if c.is_whitespace() || matches!(c, '(' | ')' | '"' | '|') {
                break;
            }
            if self.advanced && matches!(c, '[' | ']' | '{' | '}' | '^' | '~') {
                break;
            }
            if self.advanced && c == '\\' {
                self.at += 1;
                word.extend(self.peek());
                self.at += 1;
                continue;
            }
            if self.advanced && c == ':' && field.is_none() {
                self.at += 1;
                return self.on_field(&word);
            }
            word.push(c);
            self.at += 1;
        }
        if word.is_empty() && self.advanced {
            return Err(self.wrong("an unexpected character"));
        }
        if word.is_empty() {
            // The simple syntax ignores what it cannot parse.
            self.at += 1;
            return Ok(None);
        }
        self.skip_suffix();
        if word == "*" {
            return Ok(Some(match field {
                Some(field) => Node::Field(field.to_owned(), Test::Exists),
                None => Node::All,
            }));
        }
        Ok(test(field, Node::Word(word)))
    }

    fn on_field(&mut self, name: &str) -> Result<Option<Node>, String> {
        if name.is_empty() {
            return Err(self.wrong("a field without a name"));
        }
        if name == "_exists_" {
            // With an empty field, a colon in the name is not taken for the end of another field.
            let word = self.word(Some(""))?;
            let Some(Node::Field(_, Test::Words(field))) = word else {
                return Err(self.wrong("the name of a field is missing"));
            };
            return Ok(Some(Node::Field(field, Test::Exists)));
        }
        self.operand(Some(name))
    }

    fn quoted(&mut self) -> Result<String, String> {
        self.at += 1;
        let mut phrase = String::new();
        while let Some(c) = self.peek() {
            self.at += 1;
            match c {
                '"' => return Ok(phrase),
                '\\' => {
                    phrase.extend(self.peek());
                    self.at += 1;
                }
                c => phrase.push(c),
            }
        }
        if self.advanced {
            Err(self.wrong("a quotation mark is missing"))
        } else {
            Ok(phrase)
        }
    }

    /// `[from TO to]`, with curly brackets for exclusive bounds.
    fn range(&mut self) -> Result<Test, String> {
        let lower_inclusive = self.peek() == Some('[');
        self.at += 1;
        let lower = self.range_end()?;
        self.skip_space();
        if !self.eat_keyword("TO") {
            return Err(self.wrong("a range needs TO"));
        }
        let upper = self.range_end()?;
        self.skip_space();
        let upper_inclusive = match self.peek() {
            Some(']') => true,
            Some('}') => false,
            _ => return Err(self.wrong("a range is not closed")),
        };
        self.at += 1;
        self.skip_suffix();
        let bound = |value: Option<Value>, inclusive| value.map(|value| Bound { value, inclusive });
        Ok(Test::Range(
            bound(lower, lower_inclusive),
            bound(upper, upper_inclusive),
        ))
    }

    fn range_end(&mut self) -> Result<Option<Value>, String> {
        self.skip_space();
        let text = if self.peek() == Some('"') {
            self.quoted()?
        } else {
            let mut text = String::new();
            while let Some(c) = self.peek() {
                if c.is_whitespace() || matches!(c, ']' | '}') {
                    break;
                }
                text.push(c);
                self.at += 1;
            }
            text
        };
        match text.as_str() {
            "" => Err(self.wrong("an end of the range is missing")),
            "*" => Ok(None),
            _ => Ok(Some(Value::String(text))),
        }
    }

    /// `>5`, `>=5`, `<5`, `<=5`
    fn one_sided(&mut self) -> Result<Test, String> {
        let greater = self.eat('>') || !self.eat('<');
        let inclusive = self.eat('=');
        let value = self
            .range_end()?
            .ok_or_else(|| self.wrong("nothing to compare with"))?;
        let bound = Some(Bound { value, inclusive });
        Ok(if greater {
            Test::Range(bound, None)
        } else {
            Test::Range(None, bound)
        })
    }

    /// Fuzziness and boosts (`~2`, `^3`) are parsed and ignored.
    fn skip_suffix(&mut self) {
        // ' | '^'))~ Only in front of a number or at the end of a word, since both characters may also be
        // part of a word in the simple syntax.
        while matches!(self.peek(), Some('~' | '^'))
            && self
                .peek_second()
                .is_none_or(|c| c.is_ascii_digit() || c == '.' || c.is_whitespace() || c == ')')
        {
            self.at += 1;
            while self.peek().is_some_and(|c| c.is_ascii_digit() || c == '.') {
                self.at += 1;
            }
        }
    }
}

/// A word or phrase, of a field if one was given.
fn test(field: Option<&str>, node: Node) -> Option<Node> {
    Some(match (field, node) {
        (Some(field), Node::Word(text) | Node::Phrase(text)) => {
            Node::Field(field.to_owned(), Test::Words(text))
        }
        (_, node) => node,
    })
}

fn combine(operands: Vec<(Occur, Node)>, default: Operator) -> Option<Node> {
    let (mut must, mut may) = (Vec::new(), Vec::new());
    let mut must_not = Vec::new();
    for (occur, node) in operands {
        match occur {
            Occur::Must => must.push(node),
            Occur::May if default == Operator::And => must.push(node),
            Occur::May => may.push(node),
            Occur::MustNot => must_not.push(Node::Not(Box::new(node))),
        }
    }
    // Optional operands only matter if there are no required ones.
    if must.is_empty() {
        match may.len() {
            0 => {}
            1 => must.append(&mut may),
            _ => must.push(Node::Or(may)),
        }
    }
    must.extend(must_not);
    match must.len() {
        0 | 1 => must.pop(),
        _ => Some(Node::And(must)),
    }
}

#[cfg(test)]
mod tests;
