"""How well a reader reads: labelled rows in, figures with intervals out. Pure functions; nothing here loads a model.

The way through: `rows` (a file of labels) and `answers` (what was read) -> `figures` (one group of rows) ->
`report` (files, languages, all together) -> `tables` (text) or `page` (Markdown with drawings).
docs/evaluating.md says what each figure means.
"""
