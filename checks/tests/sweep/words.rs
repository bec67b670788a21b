//! Enums whose values have a word each.

/// Declares an enum with a word for each value: shown by it, and found by it.
macro_rules! words {
    ($(#[$meta:meta])* pub(crate) enum $name:ident { $($(#[$of:meta])* $value:ident = $word:literal,)+ }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub(crate) enum $name { $($(#[$of])* $value,)+ }

        impl $name {
            pub(crate) fn named(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$value),)+ _ => None }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(match self { $(Self::$value => $word,)+ })
            }
        }
    };
}
