//! Text that fits 80 columns.

/// The width of a page in characters.
pub(crate) const WIDTH: usize = 80;

/// A text in lines that fit, each below the end of `head`.
pub(crate) fn below(head: &str, text: &str) -> String {
    let indent = " ".repeat(head.chars().count());
    let options = textwrap::Options::new(WIDTH).initial_indent(head).subsequent_indent(&indent);
    textwrap::fill(text, options)
}

/// A line cut at the edge of the page.
pub(crate) fn clipped(line: &str) -> String {
    if line.chars().count() <= WIDTH {
        return line.to_owned();
    }
    line.chars().take(WIDTH - 1).chain(['…']).collect()
}
