"""The form of a message: every defect in words, and how it is mended."""
