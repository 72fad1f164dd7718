//! The tools: their options, what they write, how they end.
