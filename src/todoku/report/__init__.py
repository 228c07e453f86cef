"""How a report is shown: one renderer a file. Renderers make text out of reasons and values; they judge nothing."""
