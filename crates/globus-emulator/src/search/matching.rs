//! A parsed query, as a statement over the full-text table and the fields.

use super::filters::{self, Field};
use super::sql::Sql;
use super::syntax::{Node, Test};

/// How the entries of a query are found.
#[derive(Debug, Clone)]
pub(crate) struct Matching {
    /// What stands after FROM: `e`, and `t` if the full-text table leads.
    pub(crate) from: &'static str,
    pub(crate) condition: Sql,
    /// The relevance of a row.
    pub(crate) score: Sql,
}

/// Compiles a query for one index.
pub(crate) fn compile(index: i64, query: &Node) -> Result<Matching, String> {
    if let Some(expression) = full_text(query) {
        return Ok(Matching {
            from: "search_text t JOIN search_entry e ON e.num = t.rowid",
            condition: Sql::new("t.search_text MATCH ?").with(expression),
            score: Sql::new("-t.rank"),
        });
    }
    Ok(Matching {
        from: "search_entry e",
        condition: condition(index, query)?,
        score: Sql::new("0.0"),
    })
}

/// Multiplies the score of entries that have one of the words in this field.
pub(crate) fn boost(index: i64, field: &str, factor: f64, words: &[String]) -> Sql {
    let has: Vec<Sql> = words
        .iter()
        .map(|word| Sql::new("has_words(text, ?)").with(word.clone()))
        .collect();
    let mut sql = Sql::new("CASE WHEN ");
    sql.push(Field::new(index, field).has(Sql::any(has)));
    sql.push(Sql::new(" THEN ? ELSE 1.0 END").with(factor));
    sql
}

/// The query in the language of FTS5, if all of it can be said there.
fn full_text(node: &Node) -> Option<String> {
    match node {
        Node::Word(text) => match text.strip_suffix('*') {
            Some(prefix) if !has_wildcard(prefix) => Some(format!("{}*", quoted(prefix))),
            Some(_) => None,
            None if has_wildcard(text) => None,
            None => Some(quoted(text)),
        },
        Node::Phrase(text) => Some(quoted(text)),
        Node::Or(nodes) => {
            let parts: Option<Vec<String>> = nodes.iter().map(full_text).collect();
            Some(format!("({})", parts?.join(" OR ")))
        }
        Node::And(nodes) => {
            let (mut positive, mut negative) = (Vec::new(), Vec::new());
            for node in nodes {
                match node {
                    Node::Not(inner) => negative.push(full_text(inner)?),
                    node => positive.push(full_text(node)?),
                }
            }
            if positive.is_empty() {
                return None;
            }
            let positive = format!("({})", positive.join(" AND "));
            if negative.is_empty() {
                return Some(positive);
            }
            Some(format!("({positive} NOT ({}))", negative.join(" OR ")))
        }
        Node::All | Node::Field(..) | Node::Not(_) => None,
    }
}

fn has_wildcard(text: &str) -> bool {
    text.contains(['*', '?'])
}

/// A string of FTS5, in which nothing is special.
fn quoted(text: &str) -> String {
    let clean: String = text
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect::<String>()
        .replace('"', "\"\"");
    format!("\"{clean}\"")
}

fn condition(index: i64, node: &Node) -> Result<Sql, String> {
    if let Some(expression) = full_text(node) {
        let sql = "e.num IN (SELECT rowid FROM search_text WHERE search_text MATCH ?)";
        return Ok(Sql::new(sql).with(expression));
    }
    let each = |nodes: &[Node]| -> Result<Vec<Sql>, String> {
        nodes.iter().map(|node| condition(index, node)).collect()
    };
    match node {
        Node::All => Ok(Sql::new("1")),
        Node::And(nodes) => Ok(Sql::all(each(nodes)?)),
        Node::Or(nodes) => Ok(Sql::any(each(nodes)?)),
        Node::Not(inner) => Ok(condition(index, inner)?.negated()),
        // With wildcards that only a look at every word can answer.
        Node::Word(text) | Node::Phrase(text) => {
            Ok(Field::pattern(index, "*").has(Sql::new("has_words(text, ?)").with(text.clone())))
        }
        Node::Field(name, test) => {
            let field = Field::pattern(index, name);
            match test {
                Test::Words(text) => {
                    Ok(field.has(Sql::new("has_words(text, ?)").with(text.clone())))
                }
                Test::Exists => Ok(field.exists()),
                Test::Range(lower, upper) => filters::range(&field, lower.as_ref(), upper.as_ref()),
            }
        }
    }
}
