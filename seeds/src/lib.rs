//! Demo firms of Guangdong, built through domain functions only.
