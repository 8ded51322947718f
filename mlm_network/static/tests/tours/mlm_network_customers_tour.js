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

registry.category("web_tour.tours").add("mlm_network_invite", {
    url: "/my",
    steps: () => [
        { content: "Invite", trigger: ".o_portal_docs a[href='/my/invite']", run: "click", expectUnloadPage: true },
        fitsOnTheScreen(".o_mlm_qr"),
        { content: "Wait for the page", trigger: "body[is-ready=true]" },
        { content: "Copy the link", trigger: ".o_mlm_copy_button", run: "click" },
        { content: "It says so", trigger: ".o_mlm_copy_button:contains('Copied')" },
        { content: "A name to show", trigger: "input[name='public_name']", run: "edit Bert B." },
        { content: "Save", trigger: ".o_mlm_public_name button", run: "click", expectUnloadPage: true },
        { content: "Saved", trigger: ".alert-success" },
    ],
});

registry.category("web_tour.tours").add("mlm_network_join", {
    steps: () => [
        fitsOnTheScreen("h1:contains('Bert B. invites you')"),
        { content: "Ask", trigger: "a.o_mlm_ask", run: "click", expectUnloadPage: true },
        { content: "Name", trigger: "input[name='name']", run: "edit Vera Visitor" },
        { content: "Phone", trigger: "input[name='phone']", run: "edit +49 30 987654" },
        { content: "Question", trigger: "textarea[name='about']", run: "edit A new roof" },
        { content: "Agree", trigger: "input[name='agreed']", run: "check" },
        fitsOnTheScreen(".o_mlm_join_inquiry button"),
        { content: "Send", trigger: ".o_mlm_join_inquiry button", run: "click", expectUnloadPage: true },
        { content: "Thanks", trigger: ".o_mlm_thanks" },
    ],
});

registry.category("web_tour.tours").add("mlm_network_apply", {
    steps: () => [
        { content: "Apply", trigger: "a.o_mlm_apply", run: "click", expectUnloadPage: true },
        { content: "The terms", trigger: ".o_mlm_terms" },
        { content: "Name", trigger: "input[name='name']", run: "edit Nora" },
        { content: "E-mail", trigger: "input[name='email']", run: "edit nora@applicants.example.com" },
        { content: "Agree", trigger: "input[name='agreed']", run: "check" },
        fitsOnTheScreen(".o_mlm_join_apply button"),
        { content: "Send", trigger: ".o_mlm_join_apply button", run: "click", expectUnloadPage: true },
        { content: "Mailbox", trigger: ".o_mlm_applied" },
    ],
});

registry.category("web_tour.tours").add("mlm_network_confirm", {
    steps: () => [
        fitsOnTheScreen("dd:contains('nora@applicants.example.com')"),
        { content: "The terms are open", trigger: ".o_mlm_terms:contains('Be honest.')" },
        { content: "Agree", trigger: "input[name='agreed']", run: "check" },
        { content: "Confirm", trigger: ".o_mlm_join_confirm button", run: "click", expectUnloadPage: true },
        { content: "Done", trigger: ".o_mlm_confirmed" },
    ],
});

registry.category("web_tour.tours").add("mlm_network_approve", {
    steps: () => [
        { content: "The application", trigger: ".o_kanban_record:contains('Nora')", run: "click" },
        { content: "Approve", trigger: "button[name='action_approve']", run: "click" },
        { content: "Approved", trigger: ".o_field_widget[name='state'] .o_arrow_button_current:contains('Approved')" },
    ],
});
