"""One module a verb; `kortf.cli.main` runs them."""
