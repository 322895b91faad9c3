/** How a message reads, for people: title with count and severity, then one line per alert and the page that says what to do. */
export const TEMPLATES = `{{ define "mainstay.title" -}}
[{{ if eq .Status "firing" }}{{ .CommonLabels.severity | toUpper }}{{ else }}RESOLVED{{ end }}] {{ .CommonLabels.alertname }}{{ if gt (len .Alerts) 1 }} ({{ len .Alerts }}){{ end }}
{{- end }}

{{ define "mainstay.text" -}}
{{ range .Alerts }}{{ .Annotations.summary }}{{ if eq .Status "resolved" }} It is over.{{ end }}
Since {{ .StartsAt.UTC.Format "2006-01-02 15:04:05" }} UTC. Runbook: {{ .Annotations.runbook }}
{{ end }}
{{- end }}
`;
