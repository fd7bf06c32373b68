"""The reference in ``docs/reference``, written from the code: commands, HTTP API, scenario files, figures.

``python -m scenarios.reference docs/reference`` writes it; a test fails when it is not what this would write.
"""
