//! Secrets that are found again wherever they turn up.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use fixtures::digest::Digest;

/// A secret that stands in one place only.
#[derive(Debug, Clone)]
pub(crate) struct Canary {
    /// The place.
    pub(crate) place: &'static str,
    /// The secret: letters and digits, so that escapes of JSON, URLs and shells leave it as it is.
    pub(crate) value: String,
}

impl Canary {
    pub(crate) fn of(place: &'static str) -> Self {
        Self {
            place,
            value: Digest::of(format!("canary in {place}").as_bytes()).to_string()[..24].to_owned(),
        }
    }

    /// How it looks in a text: as it is, in base64 wherever it begins there, in hexadecimal.
    fn forms(&self) -> Vec<String> {
        let shifted = (0..3).map(|before| {
            let text = STANDARD.encode(format!("{}{}", "x".repeat(before), self.value));
            // The characters at the edges depend on the neighbours.
            text[4..text.len() - 4].to_owned()
        });
        let hex = self.value.bytes().map(|byte| format!("{byte:02x}")).collect();
        shifted.chain([self.value.clone(), hex]).collect()
    }

    /// Whether it is among these bytes.
    pub(crate) fn is_in(&self, bytes: &[u8]) -> bool {
        let text = String::from_utf8_lossy(bytes);
        self.forms().iter().any(|form| text.contains(form.as_str()))
    }
}

/// A way in which a text can be written down.
type Written = fn(&str) -> String;

/// That what looks for canaries finds them.
pub(crate) fn are_found_in_every_form() {
    let canary = Canary::of("nowhere");
    let written: [Written; 4] = [
        str::to_owned,
        |text| STANDARD.encode(text),
        |text| STANDARD.encode(format!("user:{text}")),
        |text| text.replace('+', "%2B"),
    ];
    for form in written {
        assert!(canary.is_in(form(&format!("{}+rest", canary.value)).as_bytes()));
    }
    assert!(!canary.is_in(Canary::of("elsewhere").value.as_bytes()));
}
