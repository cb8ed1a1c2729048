//! All reports of a run: the one on the screen, and the files beside it.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use super::settings::{Format, Place, Settings};
use super::streams::{Out, Shared, Stamped, Streams, log_stamp, time_of_day};
use super::{ansible, blocks, colors, events, human, json, junit, minimal, profile, told, tree};
use crate::event::{Event, Sink};

/// Several reports as one.
struct All(Vec<Arc<dyn Sink>>);

impl Sink for All {
    fn event(&self, event: &Event) {
        self.0.iter().for_each(|sink| sink.event(event));
    }
}

/// Returns the reports that the settings choose. A file that cannot be written is named in a warning.
pub fn sink(settings: &Settings, streams: Streams) -> Arc<dyn Sink> {
    let mut sinks = Vec::new();
    let mut warnings = Vec::new();
    if let Some(path) = &settings.log {
        match log(path) {
            Ok(streams) => sinks.push(one(&in_file(settings), streams, None)),
            Err(error) => {
                warnings.push(format!("cannot write the log `{}`: {error}", path.display()));
            }
        }
    }
    if let Some(folder) = &settings.junit {
        sinks.push(Arc::new(junit::Junit::new(folder)) as Arc<dyn Sink>);
    }
    if let Some(folder) = &settings.tree {
        sinks.push(Arc::new(tree::Tree::new(folder, settings.verbosity)) as Arc<dyn Sink>);
    }
    // The screen comes after the log: what stands there was written before.
    let Streams { out, err } = streams;
    let out = Shared::new(out);
    let stamps = profile::Stamps::wanted(settings, Box::new(out.clone()));
    sinks.push(one(settings, Streams { out: Box::new(out.clone()), err }, stamps));
    if !settings.measures.is_none() {
        sinks.push(Arc::new(profile::Profile::new(settings, Box::new(out))));
    }
    let all = match <[_; 1]>::try_from(sinks) {
        Ok([only]) => only,
        Err(several) => Arc::new(All(several)) as Arc<dyn Sink>,
    };
    warnings.into_iter().for_each(|text| all.event(&Event::Warning(text)));
    all
}

fn one(
    settings: &Settings,
    mut streams: Streams,
    stamps: Option<profile::Stamps>,
) -> Arc<dyn Sink> {
    if settings.timestamps && settings.format == Format::Human {
        streams.out = Box::new(Stamped::new(streams.out, time_of_day));
    }
    let settings = settings.clone();
    match settings.format {
        Format::Human => Arc::new(human::Human::new(settings, streams)),
        Format::Default => {
            let report = Arc::new(ansible::Default::new(settings, streams)) as Arc<dyn Sink>;
            let stamps = stamps.map(|stamps| Arc::new(stamps) as Arc<dyn Sink>);
            let both = All(std::iter::once(report).chain(stamps).collect());
            Arc::new(blocks::Blocks::new(Arc::new(both)))
        }
        Format::Minimal | Format::Oneline => Arc::new(minimal::Minimal::new(settings, streams)),
        Format::Json => {
            let teller = told::Teller::new(settings.colors, streams.err);
            Arc::new(All(vec![Arc::new(json::Json::new(streams.out)), Arc::new(teller)]))
        }
        Format::Events => Arc::new(events::Events::new(streams.out)),
        Format::Null => Arc::new(told::Teller::new(settings.colors, streams.err)),
    }
}

/// Returns the settings of a report in a file: no colors, no folding.
fn in_file(settings: &Settings) -> Settings {
    let format = if settings.format == Format::Default { Format::Default } else { Format::Human };
    Settings {
        format,
        place: Place::Stream,
        width: 80,
        colors: colors::Palette::plain(),
        timestamps: false,
        failures_to_stderr: false,
        log: None,
        ..settings.clone()
    }
}

fn log(path: &Path) -> std::io::Result<Streams> {
    let file = File::options().create(true).append(true).open(path)?;
    let stamped = |file: File| Box::new(Stamped::new(Box::new(file), log_stamp)) as Out;
    let copy = file.try_clone()?;
    Ok(Streams { out: stamped(file), err: stamped(copy) })
}
