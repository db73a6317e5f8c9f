use crate::{
    ProductImport,
    column::{Layout, NoLayout},
    entry::{Group, Groups, Line},
    import::{self, MAX_FILE_BYTES, Problem},
    sheet::{self, Row},
    step::step,
};
use db::{DbError, TenantScope, TenantTx};
use files::{NotReadable, ObjectStore, Readable};
use futures_util::TryStreamExt;
use jobs::{Job, JobContext, JobError, Policy};
use kernel::ids::ProductImportId;
use std::{path::Path, sync::Arc};
use tempfile::NamedTempFile;
use tokio::{io::AsyncWriteExt, sync::mpsc, task};

/// Rows of a step; a group is not divided.
const ROWS_OF_A_STEP: usize = 100;

/// Reads a sheet of products and does what its rows say, or rehearses it.
///
/// Enqueued by: whoever asks for the import, in the same transaction. Repeats: safe, how far it has come is kept with the work of
/// each step, and rows that are done are passed over. Order: none; two imports of the same products take turns, product by product.
/// Gives up: when the sheet cannot be read, or after many attempts; what was done stays done.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
pub struct RunProductImport {
    /// The import.
    pub id: ProductImportId,
}

impl Job for RunProductImport {
    const KIND: &'static str = "imports.run_product_import";
    const POLICY: Policy = Policy::remote();
    type Scope = TenantScope;
    type Deps = ObjectStore;

    async fn run(self, context: &JobContext<Self>) -> Result<(), JobError> {
        let id = self.id;
        let problem = match work(context, id).await {
            Ok(()) => None,
            Err(Stop::Problem(problem)) => Some(problem),
            Err(Stop::Failed(error)) if context.is_last_attempt() => {
                let problem = Problem::new("given_up");
                context.tenant("imports.give_up", move |tx| import::finish(tx, id, Some(&problem))).await?;
                return Err(JobError::give_up(error.reason()));
            }
            Err(Stop::Failed(error)) => return Err(error),
        };
        Ok(context.tenant("imports.finish", move |tx| import::finish(tx, id, problem.as_ref())).await?)
    }
}

/// Why there is no more to do.
enum Stop {
    /// For good.
    Problem(Problem),
    /// For now.
    Failed(JobError),
}

impl From<Problem> for Stop {
    fn from(problem: Problem) -> Self {
        Self::Problem(problem)
    }
}

impl From<DbError> for Stop {
    fn from(error: DbError) -> Self {
        Self::Failed(error.into())
    }
}

impl Stop {
    fn failed(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Failed(JobError::retry(error))
    }
}

/// Does what is left of an import.
async fn work(context: &JobContext<RunProductImport>, id: ProductImportId) -> Result<(), Stop> {
    let found = context.tenant("imports.open", move |tx| open(tx, id)).await?;
    let Some((import, right)) = found else { return Ok(()) };
    let file = match right {
        Ok(readable) => fetched(context.deps(), &readable).await?,
        Err(Closed::Later) => return Err(Stop::failed("the file is being scanned")),
        Err(Closed::Problem(problem)) => return Err(problem.into()),
    };
    let (path, mapping) = (file.into_temp_path(), import.mapping());
    let counted = path.to_path_buf();
    let total = task::spawn_blocking(move || count(&counted)).await.map_err(Stop::failed)??;
    context.tenant("imports.count", move |tx| import::count(tx, id, total)).await?;
    let mut done = import.rows_done;
    let (sender, mut steps) = mpsc::channel(2);
    let reader = path.to_path_buf();
    let reading = task::spawn_blocking(move || {
        let layout = |row: &Row| Layout::read(&row.cells, &mapping);
        Reading { sender, skip: done, groups: Groups::default(), step: Vec::new(), rows: 0 }.read(&reader, layout)
    });
    while let Some(groups) = steps.recv().await {
        let (groups, from) = (Arc::new(groups), done);
        done += i64::try_from(groups.iter().flatten().count()).unwrap_or(i64::MAX);
        let goes_on = context.tenant("imports.step", move |tx| step(tx, id, from, &groups)).await?;
        if !goes_on {
            return Ok(());
        }
    }
    reading.await.map_err(Stop::failed)??;
    Ok(())
}

/// Why a file is not open to an import.
enum Closed {
    /// It is being scanned.
    Later,
    Problem(Problem),
}

type Opened = Option<(ProductImport, Result<Readable, Closed>)>;

/// The import, if it runs, and the right to read its file.
fn open(tx: &mut TenantTx<'_>, id: ProductImportId) -> Result<Opened, DbError> {
    let Some(import) = import::lock(tx, id)? else { return Ok(None) };
    let closed = |code| Err(Closed::Problem(Problem::new(code)));
    let right = match files::find(tx, import.file_id)? {
        None => closed("file_gone"),
        Some(file) if file.sha256 != import.file_sha256 => closed("file_changed"),
        Some(file) => match files::readable(tx, &file)? {
            Ok(readable) => Ok(readable),
            Err(NotReadable::BeingScanned) => Err(Closed::Later),
            Err(NotReadable::Quarantined) => closed("file_quarantined"),
        },
    };
    Ok(Some((import, right)))
}

/// The file on the local disk, where it can be read more than once.
async fn fetched(store: &ObjectStore, readable: &Readable) -> Result<NamedTempFile, Stop> {
    let file = NamedTempFile::new().map_err(Stop::failed)?;
    let mut writer = tokio::fs::File::from_std(file.reopen().map_err(Stop::failed)?);
    let mut bytes = std::pin::pin!(store.stream(readable, None));
    let mut left = MAX_FILE_BYTES;
    while let Some(piece) = bytes.try_next().await.map_err(Stop::failed)? {
        left -= i64::try_from(piece.len()).unwrap_or(i64::MAX);
        if left < 0 {
            return Err(Problem::new("file_changed").into());
        }
        writer.write_all(&piece).await.map_err(Stop::failed)?;
    }
    writer.flush().await.map_err(Stop::failed)?;
    Ok(file)
}

/// Rows below the headings.
fn count(path: &Path) -> Result<i64, Problem> {
    let mut rows: i64 = -1;
    sheet::read(path, &mut |_| {
        rows += 1;
        true
    })?;
    if rows < 0 { Err(Problem::new("empty")) } else { Ok(rows) }
}

/// Reads on a thread of its own and hands over steps; the channel holds it back.
struct Reading {
    sender: mpsc::Sender<Vec<Group>>,
    /// Rows that are done already.
    skip: i64,
    groups: Groups,
    step: Vec<Group>,
    rows: usize,
}

impl Reading {
    fn read(mut self, path: &Path, layout: impl Fn(&Row) -> Result<Layout, NoLayout>) -> Result<(), Problem> {
        let mut headings: Option<Result<Layout, NoLayout>> = None;
        sheet::read(path, &mut |row| match &headings {
            None => {
                let read = layout(&row);
                let is_right = read.is_ok();
                headings = Some(read);
                is_right
            }
            Some(Ok(layout)) => {
                let line = Line::read(&row, layout);
                let ended = self.groups.add(line);
                ended.is_none_or(|group| self.add(group))
            }
            Some(Err(_)) => false,
        })?;
        match headings {
            None => return Err(Problem::new("empty")),
            Some(Err(NoLayout::NoSku)) => return Err(Problem::new("no_sku_column")),
            Some(Err(NoLayout::Twice(_))) => return Err(Problem::new("column_twice")),
            Some(Ok(_)) => {}
        }
        if let Some(group) = self.groups.end() {
            self.add(group);
        }
        self.hand_over();
        Ok(())
    }

    /// Adds a group to the step; false if nobody waits for more.
    fn add(&mut self, group: Group) -> bool {
        let rows = i64::try_from(group.len()).unwrap_or(i64::MAX);
        if self.skip > 0 {
            self.skip -= rows;
            return true;
        }
        self.rows += group.len();
        self.step.push(group);
        self.rows < ROWS_OF_A_STEP || self.hand_over()
    }

    fn hand_over(&mut self) -> bool {
        self.rows = 0;
        let step = std::mem::take(&mut self.step);
        step.is_empty() || self.sender.blocking_send(step).is_ok()
    }
}
