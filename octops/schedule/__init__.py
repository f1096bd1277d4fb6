"""When a task fires: frequency, cron and time zone become slots, which are UTC instants."""
