//! The matrix as a picture: a row for each way to plant a fault, a column for each check, a mark where the one turns red
//! the other.

use std::collections::BTreeSet;
use std::fmt::Write;

use crate::rows::Rows;

/// The sizes of things in the picture, in its own units: a cell, the place for names.
const CELL: usize = 12;
const NAMES: usize = 330;
const STYLE: &str = "text { font: 9px sans-serif } .red { fill: #c0392b } .line { stroke: #dddddd }";

/// The picture of `rows`, as SVG.
pub(crate) fn picture(rows: &Rows) -> String {
    let checks: BTreeSet<&str> = rows.values().flatten().map(String::as_str).collect();
    let (width, height) = (NAMES + (checks.len() + 1) * CELL, NAMES + (rows.len() + 1) * CELL);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\">\n<title>Faults, and the checks that they \
         turn red</title>\n<style>{STYLE}</style>\n"
    );
    for (number, check) in checks.iter().enumerate() {
        let x = NAMES + number * CELL + CELL / 2;
        line(&mut svg, [x, NAMES, x, height]);
        let y = NAMES - 4;
        let _ = writeln!(svg, "<text transform=\"translate({},{y}) rotate(-90)\">{check}</text>", x + 3);
    }
    for (number, (fault, red)) in rows.iter().enumerate() {
        let y = NAMES + number * CELL + CELL / 2;
        line(&mut svg, [NAMES, y, width, y]);
        let x = NAMES - 4;
        let _ = writeln!(svg, "<text text-anchor=\"end\" x=\"{x}\" y=\"{}\">{fault}</text>", y + 3);
        for (column, check) in checks.iter().enumerate().filter(|(_, check)| red.contains(**check)) {
            let x = NAMES + column * CELL + CELL / 2;
            let told = format!("<title>{fault} turns red {check}</title>");
            let _ = writeln!(svg, "<circle class=\"red\" cx=\"{x}\" cy=\"{y}\" r=\"4\">{told}</circle>");
        }
    }
    svg + "</svg>\n"
}

fn line(svg: &mut String, [x1, y1, x2, y2]: [usize; 4]) {
    let _ = writeln!(svg, "<line class=\"line\" x1=\"{x1}\" y1=\"{y1}\" x2=\"{x2}\" y2=\"{y2}\"/>");
}
