//! Containers of a project, as the client of Docker tells them.

use crate::base::Value;

/// What is asked of containers.
pub(super) const FORMAT: &str = "{{.Id}}\t{{.Name}}\t{{index .Config.Labels \"com.docker.compose.service\"}}\t{{index .Config.Labels \"com.docker.compose.config-hash\"}}\t{{.State.Status}}\t{{.Image}}\t{{.Config.Image}}\t{{index .Config.Labels \"com.docker.compose.oneoff\"}}";

/// A container of the project.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Container {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) service: String,
    pub(super) hash: String,
    pub(super) state: String,
    pub(super) image: String,
    pub(super) image_name: String,
    pub(super) one_off: bool,
}

impl Container {
    pub(super) fn value(&self) -> Value {
        Value::map([
            ("ID", Value::from(self.id.as_str())),
            ("Name", self.name.as_str().into()),
            ("Service", self.service.as_str().into()),
            ("State", self.state.as_str().into()),
            ("Image", self.image_name.as_str().into()),
        ])
    }

    /// Reads a line of [`FORMAT`].
    pub(super) fn read(line: &str) -> Option<Self> {
        let fields: Vec<&str> = line.split('\t').collect();
        let [id, name, service, hash, state, image, image_name, one_off] = fields[..] else {
            return None;
        };
        let own = str::to_owned;
        Some(Self {
            id: own(id),
            name: own(name.trim_start_matches('/')),
            service: own(service),
            hash: own(hash),
            state: own(state),
            image: own(image),
            image_name: own(image_name),
            one_off: one_off == "True",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn containers_are_read_line_by_line() {
        let container =
            Container::read("1\t/redis-1\tredis\tabc\trunning\tsha256:2\tredis:7\tFalse").unwrap();
        assert_eq!((container.name.as_str(), container.one_off), ("redis-1", false));
        assert_eq!(Container::read("1\t2"), None);
    }
}
