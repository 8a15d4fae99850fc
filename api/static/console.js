// Buttons of the console: each posts to its address with the session's cookie and the page's token, then the page is drawn anew.

const token = document.querySelector('meta[name="csrf"]').content;
const trouble = document.getElementById("trouble");

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-post]");
  if (!button) return;
  button.disabled = true;
  try {
    const answer = await fetch(button.dataset.post, { method: "POST", headers: { "x-csrf-token": token } });
    if (!answer.ok) throw new Error((await answer.json()).detail);
    if (button.dataset.then) location.assign(button.dataset.then);
    else location.reload();
  } catch (problem) {
    trouble.textContent = problem.message;
    trouble.hidden = false;
    button.disabled = false;
  }
});
