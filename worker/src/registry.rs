//! Every job and schedule of the platform, in one list.

use crate::WorkerDeps;
use jobs::Registry;
use std::time::Duration;

/// All jobs of all domains, with what each needs.
pub fn registry(deps: WorkerDeps) -> Registry {
    let storage = (deps.db.clone(), deps.store.clone());
    Registry::new(deps.db)
        .job::<notifications::SendMail>(deps.mailer)
        .job::<auth::ForgetEnded>(())
        .schedule(Duration::from_hours(1), || auth::ForgetEnded {})
        .job::<files::DeleteDoomedObjects>(deps.store.clone())
        .job::<files::ScanBlob>(deps.store.clone())
        .job::<files::DrawThumbnails>(deps.store.clone())
        .job::<files::FinishUpload>(deps.store.clone())
        .job::<imports::RunProductImport>(deps.store.clone())
        .job::<files::AbortStaleParts>(deps.store)
        .schedule(Duration::from_mins(10), || files::AbortStaleParts {})
        .job::<files::GiveUpUploads>(())
        .job::<files::CountStorage>(())
        .job::<files::PurgeStorage>(())
        .job::<files::ApplyRetention>(())
        .job::<files::RunFileJob>(())
        .job::<files::ApplyLifecycle>(())
        .job::<files::FindStorageWork>(())
        .schedule(Duration::from_mins(10), || files::FindStorageWork {})
        .job::<files::ReconcileStorage>(storage)
        .schedule(Duration::from_hours(24), || files::ReconcileStorage {})
        .job::<catalogue::jobs::SweepReservations>(())
        .job::<catalogue::jobs::ReleaseExpired>(())
        .schedule(Duration::from_mins(1), || catalogue::jobs::SweepReservations {})
        .job::<orders::CancelUnpaid>(())
        .job::<orders::CompleteUnconfirmed>(())
        .job::<payments::FollowPayment>(deps.desk.clone())
        .job::<payments::FollowRefund>(deps.desk)
        .job::<payments::ProcessProviderEvent>(())
        .job::<ledger::CheckBook>(())
        .job::<ledger::CheckBooks>(())
        .schedule(Duration::from_hours(24), || ledger::CheckBooks {})
        .job::<onboarding::jobs::MatchMarket>(())
        .job::<onboarding::jobs::SweepMarket>(())
        .schedule(Duration::from_mins(1), || onboarding::jobs::SweepMarket {})
        .job::<platform::EraseAddresses>(())
        .job::<platform::FindOldAddresses>(())
        .schedule(Duration::from_hours(24), || platform::FindOldAddresses {})
        .job::<platform::SealAuditChain>(deps.master_key)
        .job::<platform::FindNewAuditRows>(())
        .schedule(Duration::from_hours(1), || platform::FindNewAuditRows {})
        .job::<billing::ClosePeriod>(())
        .job::<billing::FindEndedPeriods>(())
        .schedule(Duration::from_hours(1), || billing::FindEndedPeriods {})
}
