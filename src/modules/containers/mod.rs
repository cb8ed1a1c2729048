//! Containers: images, and projects of Compose.

mod daemon;
mod docker_compose_v2;
mod docker_image;
mod tarball;

use crate::module::AnyModule;

/// The modules of this area.
pub(super) const MODULES: &[&dyn AnyModule] =
    &[&docker_compose_v2::DockerComposeV2, &docker_image::DockerImage];
