"""The world the services work in: scenarios, transport and border model, experiments, metrics, report, commands."""
