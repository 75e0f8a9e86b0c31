// EvalJobs pages within Hangfire's dashboard. Everything works without this file; with it, parts that change refresh themselves.
(function () {
  "use strict";

  // An element with data-refresh (a URL of our own) is replaced by what the URL answers, until the answer has no data-refresh any more.
  function refresh(element) {
    var url = element.getAttribute("data-refresh");
    window.setTimeout(function () {
      if (document.hidden) {
        refresh(element);
        return;
      }

      fetch(url, { credentials: "same-origin", headers: { "X-Requested-With": "fetch" } })
        .then(function (answer) {
          // Signed out meanwhile: the page itself asks to sign in again.
          if (answer.status === 401) {
            window.location.reload();
            return new Promise(function () {});
          }
          return answer.ok ? answer.text() : Promise.reject(answer.status);
        })
        .then(function (html) {
          var next = new DOMParser().parseFromString(html, "text/html").body.firstElementChild;
          element.replaceWith(next);
          if (next.hasAttribute("data-refresh")) {
            refresh(next);
          } else if (next.hasAttribute("data-reload")) {
            window.location.reload();
          }
        })
        .catch(function () { refresh(element); });
    }, 2000);
  }

  document.querySelectorAll("[data-refresh]").forEach(refresh);

  // A link with data-part (a URL of our own) opens what the URL answers below its row, and closes it again.
  function openPart(link) {
    var row = link.closest("tr");
    var below = row.nextElementSibling;
    if (below && below.classList.contains("ej-part")) {
      below.hidden = !below.hidden;
      link.setAttribute("aria-expanded", String(!below.hidden));
      return;
    }

    fetch(link.getAttribute("data-part"), { credentials: "same-origin", headers: { "X-Requested-With": "fetch" } })
      .then(function (answer) { return answer.ok ? answer.text() : Promise.reject(answer.status); })
      .then(function (html) {
        var cell = document.createElement("td");
        cell.colSpan = row.cells.length;
        cell.append.apply(cell, Array.from(new DOMParser().parseFromString(html, "text/html").body.childNodes));
        var part = document.createElement("tr");
        part.className = "ej-part";
        part.append(cell);
        row.after(part);
        link.setAttribute("aria-expanded", "true");
      })
      .catch(function () { window.location.assign(link.href); });
  }

  document.querySelectorAll("a[data-part]").forEach(function (link) {
    link.setAttribute("aria-expanded", "false");
    link.addEventListener("click", function (event) {
      if (event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
        event.preventDefault();
        openPart(link);
      }
    });
  });

  // A form is sent once, however often its button is pressed. Coming back to the page allows it again.
  document.addEventListener("submit", function (event) {
    var form = event.target;
    if (form.method !== "post") {
      return;
    }
    if (form.hasAttribute("data-sent")) {
      event.preventDefault();
      return;
    }
    form.setAttribute("data-sent", "yes");
  });
  window.addEventListener("pageshow", function () {
    document.querySelectorAll("form[data-sent]").forEach(function (form) { form.removeAttribute("data-sent"); });
  });
})();
