/// Something that finds titles.
pub(crate) trait Engine {
    /// What it is called.
    fn name(&self) -> &'static str;
    /// The places, among the titles, of the first ten that are found.
    fn find(&self, text: &str) -> anyhow::Result<Vec<usize>>;
}
