"""Event logs of runs as OCEL 2.0 (object-centric event log), for process-mining tools."""
