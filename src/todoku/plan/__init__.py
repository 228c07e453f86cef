"""From what was seen to what is to be done: a plan of typed changes, each with what must be true before, why, and its undo.

Pure: a plan is made from a survey, which an engine (``survey.py``) reads from SES and DNS. Nothing here changes anything;
``apply/apply.py`` does.
"""
