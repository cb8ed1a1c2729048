//! Declares an action: its spec, its arguments, and the function that runs it.

/// Declares a unit struct that is an [`Action`](crate::actions::Action).
///
/// ```text
/// action! {
///     /// The action.
///     Fail, Spec { name: "fail", …, ..Spec::BASE }, Args, run
/// }
/// ```
/// `run` is an async function of `(Args, &Context)`. What follows in braces replaces provided methods of the trait.
#[macro_export]
macro_rules! action {
    ($(#[$meta:meta])* $name:ident, $spec:expr, $args:ty, $run:path $(, { $($method:item)* })?) => {
        $(#[$meta])*
        pub(in $crate::actions) struct $name;

        impl $crate::actions::Action for $name {
            fn spec(&self) -> &'static $crate::module::Spec {
                const SPEC: &$crate::module::Spec = &$spec;
                SPEC
            }

            fn arguments(&self) -> Vec<$crate::module::ArgumentSpec> {
                <$args as $crate::module::Arguments>::specs()
            }

            fn run<'a>(
                &'a self,
                args: &'a $crate::base::Map,
                cx: &'a $crate::actions::Context<'a>,
            ) -> $crate::actions::Running<'a> {
                Box::pin(async move {
                    let args = $crate::module::parse::<$args>($crate::actions::Action::spec(self), args)?;
                    $run(args, cx).await
                })
            }

            $($($method)*)?
        }
    };
}
