//! Filters of community.general (and the data filters of ansible.utils) that real content uses.

mod keys;
mod lists;
mod paths;
mod query;
mod tables;
mod units;

use crate::template::Entry;
use crate::template::table::from_collection;

const GENERAL: &str = "community.general";
const UTILS: &str = "ansible.utils";

pub(super) const ENTRIES: &[Entry] = &[
    from_collection(GENERAL, &["accumulate"], lists::accumulate),
    from_collection(GENERAL, &["counter"], lists::counter),
    from_collection(GENERAL, &["crc32"], units::crc32),
    from_collection(GENERAL, &["dict"], lists::dict),
    from_collection(GENERAL, &["dict_kv"], lists::dict_kv),
    from_collection(UTILS, &["fact_diff"], query::fact_diff),
    from_collection(GENERAL, &["from_csv"], tables::from_csv),
    from_collection(GENERAL, &["from_ini"], tables::from_ini),
    from_collection(UTILS, &["get_path"], paths::get_path),
    from_collection(GENERAL, &["groupby_as_dict"], lists::groupby_as_dict),
    from_collection(UTILS, &["index_of"], paths::index_of),
    from_collection(GENERAL, &["json_query"], query::json_query),
    from_collection(GENERAL, &["keep_keys"], keys::keep_keys),
    from_collection(UTILS, &["keep_keys"], keys::keep_keys_deep),
    from_collection(GENERAL, &["lists_difference"], lists::lists_difference),
    from_collection(GENERAL, &["lists_intersect"], lists::lists_intersect),
    from_collection(GENERAL, &["lists_mergeby"], lists::lists_mergeby),
    from_collection(GENERAL, &["lists_symmetric_difference"], lists::lists_symmetric_difference),
    from_collection(GENERAL, &["lists_union"], lists::lists_union),
    from_collection(GENERAL, &["random_mac"], units::random_mac),
    from_collection(GENERAL, &["remove_keys"], keys::remove_keys),
    from_collection(UTILS, &["remove_keys"], keys::remove_keys_deep),
    from_collection(GENERAL, &["replace_keys"], keys::replace_keys),
    from_collection(UTILS, &["replace_keys"], keys::replace_keys_deep),
    from_collection(GENERAL, &["to_days"], |call| units::to_unit(call, "day")),
    from_collection(GENERAL, &["to_hours"], |call| units::to_unit(call, "hour")),
    from_collection(GENERAL, &["to_ini"], tables::to_ini),
    from_collection(GENERAL, &["to_milliseconds"], |call| units::to_unit(call, "millisecond")),
    from_collection(GENERAL, &["to_minutes"], |call| units::to_unit(call, "minute")),
    from_collection(GENERAL, &["to_months"], |call| units::to_unit(call, "month")),
    from_collection(UTILS, &["to_paths"], paths::to_paths),
    from_collection(GENERAL, &["to_seconds"], |call| units::to_unit(call, "second")),
    from_collection(GENERAL, &["to_time_unit"], units::to_time_unit),
    from_collection(GENERAL, &["to_weeks"], |call| units::to_unit(call, "week")),
    from_collection(GENERAL, &["to_years"], |call| units::to_unit(call, "year")),
    from_collection(GENERAL, &["version_sort"], lists::version_sort),
];
