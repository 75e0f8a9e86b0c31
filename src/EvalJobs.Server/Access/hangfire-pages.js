// Chart.js writes a <style> element unless told not to; its rules come with the dashboard's style sheet, and inline styles are not allowed.
Chart.platform.disableCSSInjection = true;

// The invariant culture has no language; Hangfire's pages are in English, too.
if (document.documentElement.lang === "iv") {
  document.documentElement.lang = "en";
}
