/* Pages read without this. A selection says how many it holds, and a form is sent once. */
(function () {
  "use strict";
  document.querySelectorAll("form[data-bulk]").forEach(function (form) {
    var boxes = form.querySelectorAll("input[name=chosen]"), told = form.querySelector("[data-count]");
    function count() {
      var chosen = form.querySelectorAll("input[name=chosen]:checked").length;
      if (told) { told.textContent = chosen; }
    }
    boxes.forEach(function (box) { box.addEventListener("change", count); });
    count();
  });
  document.querySelectorAll("form[data-once]").forEach(function (form) {
    form.addEventListener("submit", function () {
      form.querySelectorAll("button").forEach(function (button) { window.setTimeout(function () { button.disabled = true; }, 0); });
    });
  });
})();
