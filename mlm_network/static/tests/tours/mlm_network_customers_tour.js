import { registry } from "@web/core/registry";

function fitsOnTheScreen(trigger) {
    return {
        content: "Nothing runs out of the screen",
        trigger,
        run() {
            const main = document.querySelector("main");
            if (main.scrollWidth > window.innerWidth) {
                throw new Error(`The page is ${main.scrollWidth} wide on a screen of ${window.innerWidth}`);
            }
        },
    };
}

registry.category("web_tour.tours").add("mlm_network_customers", {
    url: "/my",
    steps: () => [
        { content: "Customers", trigger: ".o_portal_docs a[href='/my/customers']", run: "click", expectUnloadPage: true },
        fitsOnTheScreen("a[href^='/my/customers/']:contains('Ken')"),
        { content: "A new one", trigger: "a.o_mlm_enter", run: "click", expectUnloadPage: true },
        { content: "Name", trigger: "input[name='name']", run: "edit Nora" },
        { content: "The e-mail of an own customer", trigger: "input[name='email']", run: "edit ken@customers.example.com" },
        { content: "Agreed", trigger: "input[name='agreed']", run: "check" },
        { content: "Save", trigger: ".o_mlm_new_customer button.btn-primary", run: "click", expectUnloadPage: true },
        fitsOnTheScreen(".o_mlm_own:contains('Ken')"),
        { content: "Mend the address", trigger: "input[name='email']", run: "edit nora@customers.example.com" },
        { content: "Save", trigger: ".o_mlm_new_customer button.btn-primary", run: "click", expectUnloadPage: true },
        fitsOnTheScreen(".alert-success:contains('Saved')"),
        { content: "Plan the next step", trigger: ".o_mlm_task input[name='note']", run: "edit Call back" },
        { content: "Plan", trigger: ".o_mlm_task form button:contains('Plan')", run: "click", expectUnloadPage: true },
        { content: "Done", trigger: ".o_mlm_task:contains('Call back') form button:contains('Done')", run: "click", expectUnloadPage: true },
        { content: "A note", trigger: ".o_mlm_history textarea", run: "edit Reached by phone" },
        { content: "Save the note", trigger: ".o_mlm_history button", run: "click", expectUnloadPage: true },
        { content: "It is there", trigger: ".o_mlm_history:contains('Reached by phone')" },
        { content: "Inquiries", trigger: ".breadcrumb a[href='/my/customers']", run: "click", expectUnloadPage: true },
        { trigger: "a.nav-link[href='/my/inquiries']", run: "click", expectUnloadPage: true },
        fitsOnTheScreen(".alert:contains('no inquiries')"),
    ],
});
