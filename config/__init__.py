"""The operators' wishes: what a TOML file, the environment and secret files say, as records that the wiring reads.

In: a path and an environment. Out: `settings.Settings`, or one `SettingsError` that names table and key. It opens nothing but those
files, and no room but the wiring (`gateway.app`, `gateway.__main__`) imports it; everyone else is handed plain values.
"""
