//! The control group of the process, of version 2 or 1 (cgroups(7), the kernel's
//! admin-guide/cgroup-v2 and cgroup-v1).

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::resource::control_group::ControlGroup;
use crate::resource::linux::numbers::{lines, number, of_key, words};

/// From this on a limit of version 1 is none: the kernel rounds the largest number down to pages.
const NO_LIMIT: u64 = 1 << 60;
/// Groups are not nested deeper than this, as far as is looked.
const DEEPEST: usize = 32;

/// Where hierarchies of control groups are mounted.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Hierarchies {
    mounted: Vec<Mounted>,
}

#[derive(Debug, PartialEq, Eq)]
struct Mounted {
    /// Of version 1: its controllers; empty of version 2.
    controllers: Vec<String>,
    /// The folder, and the group that it shows.
    folder: PathBuf,
    root: PathBuf,
}

/// A file of a group, by name.
type Text<'a> = dyn Fn(&Path, &str) -> io::Result<Vec<u8>> + 'a;

impl Hierarchies {
    pub(super) fn find() -> Self {
        fs::read("/proc/self/mountinfo").map_or_else(|_| Self::default(), |text| Self::of(&text))
    }

    /// Reads `/proc/PID/mountinfo` (proc_pid_mountinfo(5)).
    fn of(text: &[u8]) -> Self {
        let mounted = |line: &[u8]| {
            let line = String::from_utf8_lossy(line).into_owned();
            let (place, kind) = line.split_once(" - ")?;
            let mut place = place.split(' ').skip(3);
            let (root, folder) = (place.next()?, place.next()?);
            let mut kind = kind.split(' ');
            let controllers = match kind.next()? {
                "cgroup2" => Vec::new(),
                "cgroup" => kind.nth(1)?.split(',').map(str::to_owned).collect(),
                _ => return None,
            };
            Some(Mounted { controllers, folder: unescaped(folder), root: unescaped(root) })
        };
        Self { mounted: lines(text).filter_map(mounted).collect() }
    }

    /// The limits of the group that the process is in now.
    pub(super) fn read(&self) -> io::Result<ControlGroup> {
        let groups = fs::read("/proc/self/cgroup")?;
        self.read_with(&groups, &|folder, name| fs::read(folder.join(name)))
    }

    fn read_with(&self, groups: &[u8], text: &Text<'_>) -> io::Result<ControlGroup> {
        let mut found = ControlGroup::default();
        let mut any = false;
        for line in lines(groups) {
            let line = String::from_utf8_lossy(line).into_owned();
            // `4:memory:/path`, and `0::/path` of version 2. A path may hold colons.
            let mut parts = line.splitn(3, ':').skip(1);
            let (Some(controllers), Some(path)) = (parts.next(), parts.next()) else { continue };
            let path = Path::new(path);
            if controllers.is_empty() {
                let folders = self.folders(path, |mounted| mounted.controllers.is_empty());
                any |= version_2(&folders, text, &mut found);
            }
            for controller in controllers.split(',') {
                let has = |mounted: &Mounted| mounted.controllers.iter().any(|c| c == controller);
                any |= version_1(controller, &self.folders(path, has), text, &mut found);
            }
        }
        if any { Ok(found) } else { Err(io::ErrorKind::NotFound.into()) }
    }

    /// The folders of a group and of those it is nested in, the innermost first, as far as they
    /// are mounted.
    fn folders(&self, group: &Path, of: impl Fn(&Mounted) -> bool) -> Vec<PathBuf> {
        let Some(mounted) = self.mounted.iter().find(|mounted| of(mounted)) else {
            return Vec::new();
        };
        // Seen from within a container the group can lie outside of what is mounted; what is
        // mounted is its own then.
        let inner = group.strip_prefix(&mounted.root).unwrap_or(Path::new(""));
        let inner = if inner.components().any(|part| part.as_os_str() == "..") {
            Path::new("")
        } else {
            inner.strip_prefix("/").unwrap_or(inner)
        };
        inner.ancestors().take(DEEPEST).map(|above| mounted.folder.join(above)).collect()
    }
}

/// Spaces in paths are written as `\040`, and so on.
fn unescaped(path: &str) -> PathBuf {
    let mut plain = path.to_owned();
    for (escaped, letter) in [("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")] {
        plain = plain.replace(escaped, letter);
    }
    plain.into()
}

/// The group with the least of a limit, and that limit.
fn tightest(folders: &[PathBuf], limit: impl Fn(&Path) -> Option<f64>) -> Option<(&PathBuf, f64)> {
    let limits = folders.iter().filter_map(|folder| Some((folder, limit(folder)?)));
    limits.min_by(|(_, a), (_, b)| a.total_cmp(b))
}

fn limit(text: &Text<'_>, folder: &Path, name: &str) -> Option<f64> {
    let limit = number(text(folder, name).ok()?.trim_ascii())?;
    (limit < NO_LIMIT).then_some(limit as f64)
}

fn value(text: &Text<'_>, folder: &Path, name: &str) -> Option<u64> {
    number(text(folder, name).ok()?.trim_ascii())
}

fn version_2(folders: &[PathBuf], text: &Text<'_>, found: &mut ControlGroup) -> bool {
    let Some(own) = folders.first() else { return false };
    let mut any = false;
    let memory = tightest(folders, |folder| limit(text, folder, "memory.max"));
    let group = memory.map_or(own, |(folder, _)| folder);
    if let Some(used) = value(text, group, "memory.current") {
        let inactive = text(group, "memory.stat").ok().and_then(|t| of_key(&t, "inactive_file "));
        found.memory_limit_bytes = memory.map(|(_, limit)| limit as u64);
        found.memory_used_bytes = Some(used.saturating_sub(inactive.unwrap_or_default()));
        any = true;
    }
    let quota = |folder: &Path| {
        let text = text(folder, "cpu.max").ok()?;
        let mut words = words(&text).map(number);
        cores(words.next()??, words.next()??)
    };
    let cpu = tightest(folders, quota);
    found.cpu_quota_cores = found.cpu_quota_cores.or(cpu.map(|(_, cores)| cores));
    if let Ok(stat) = text(cpu.map_or(own, |(folder, _)| folder), "cpu.stat") {
        let ns = |key| of_key(&stat, key).and_then(|us| us.checked_mul(1_000));
        found.cpu_ns = found.cpu_ns.or(ns("usage_usec "));
        found.periods = found.periods.or(of_key(&stat, "nr_periods "));
        found.throttled_periods = found.throttled_periods.or(of_key(&stat, "nr_throttled "));
        found.throttled_ns = found.throttled_ns.or(ns("throttled_usec "));
        any |= found.cpu_ns.is_some();
    }
    any | threads(folders, text, found)
}

fn version_1(
    controller: &str,
    folders: &[PathBuf],
    text: &Text<'_>,
    found: &mut ControlGroup,
) -> bool {
    let Some(own) = folders.first() else { return false };
    match controller {
        "memory" => {
            let memory = tightest(folders, |folder| limit(text, folder, "memory.limit_in_bytes"));
            let group = memory.map_or(own, |(folder, _)| folder);
            let Some(used) = value(text, group, "memory.usage_in_bytes") else { return false };
            let stat = text(group, "memory.stat").ok();
            let inactive = stat.and_then(|stat| of_key(&stat, "total_inactive_file "));
            found.memory_limit_bytes = memory.map(|(_, limit)| limit as u64);
            found.memory_used_bytes = Some(used.saturating_sub(inactive.unwrap_or_default()));
            true
        }
        "cpu" => {
            let quota = |folder: &Path| {
                let quota = value(text, folder, "cpu.cfs_quota_us")?;
                cores(quota, value(text, folder, "cpu.cfs_period_us")?)
            };
            let cpu = tightest(folders, quota);
            found.cpu_quota_cores = cpu.map(|(_, cores)| cores);
            let group = cpu.map_or(own, |(folder, _)| folder);
            let Ok(stat) = text(group, "cpu.stat") else { return cpu.is_some() };
            found.periods = of_key(&stat, "nr_periods ");
            found.throttled_periods = of_key(&stat, "nr_throttled ");
            found.throttled_ns = of_key(&stat, "throttled_time ");
            true
        }
        "cpuacct" => {
            found.cpu_ns = value(text, own, "cpuacct.usage");
            found.cpu_ns.is_some()
        }
        "pids" => threads(folders, text, found),
        _ => false,
    }
}

fn cores(quota: u64, period: u64) -> Option<f64> {
    (quota > 0 && period > 0).then(|| quota as f64 / period as f64)
}

/// The same files in both versions.
fn threads(folders: &[PathBuf], text: &Text<'_>, found: &mut ControlGroup) -> bool {
    // What counts is how near to its limit a group is.
    let room = |folder: &Path| {
        let limit = limit(text, folder, "pids.max")?;
        Some(limit - value(text, folder, "pids.current")? as f64)
    };
    let nearest = tightest(folders, room).map(|(folder, _)| folder).or(folders.first());
    let Some(group) = nearest else { return false };
    let Some(threads) = value(text, group, "pids.current") else { return false };
    found.threads = Some(threads);
    found.thread_limit = limit(text, group, "pids.max").map(|limit| limit as u64);
    true
}

#[cfg(test)]
mod tests;
