//! An action with the name and the arguments of a module, which does the work on the host; the action brings what it
//! needs from the controller.

use crate::actions::{Action, Context, Running};
use crate::base::Map;
use crate::module::{AnyModule, ArgumentSpec, Spec, check_names};
use crate::modules;

/// The action.
pub(in crate::actions) struct Twin {
    name: &'static str,
    run: for<'a> fn(Map, &'a Context<'a>) -> Running<'a>,
}

impl Twin {
    /// Returns the action that stands before a module.
    pub(in crate::actions) const fn new(
        name: &'static str,
        run: for<'a> fn(Map, &'a Context<'a>) -> Running<'a>,
    ) -> Self {
        Self { name, run }
    }

    fn module(&self) -> &'static dyn AnyModule {
        modules::find(self.name).expect("a twin has the name of a module")
    }
}

impl Action for Twin {
    fn spec(&self) -> &'static Spec {
        self.module().spec()
    }

    fn arguments(&self) -> Vec<ArgumentSpec> {
        self.module().arguments()
    }

    fn run<'a>(&'a self, args: &'a Map, cx: &'a Context<'a>) -> Running<'a> {
        Box::pin(async move {
            check_names(self.name, &self.arguments(), args)?;
            (self.run)(args.clone(), cx).await
        })
    }
}
