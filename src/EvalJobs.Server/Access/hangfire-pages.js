// Chart.js adds a <style> element by default, and inline styles are not allowed here. The dashboard's style sheet contains these rules.
Chart.platform.disableCSSInjection = true;

// The invariant culture has no language. Hangfire's pages are in English.
if (document.documentElement.lang === "iv") {
  document.documentElement.lang = "en";
}
