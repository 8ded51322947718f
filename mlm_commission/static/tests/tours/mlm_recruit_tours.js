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

const SAVE = { content: "Save", trigger: ".o_mlm_recruit_form button[type='submit']", run: "click", expectUnloadPage: true };
const AGREED = { content: "The person knows", trigger: ".o_mlm_recruit_form input[name='agreed']", run: "check" };

// An agent enters somebody below: at most what the own agreement allows.
registry.category("web_tour.tours").add("mlm_commission_recruit", {
    url: "/my",
    steps: () => [
        { content: "Invite", trigger: ".o_portal_docs a[href='/my/invite']", run: "click", expectUnloadPage: true },
        { content: "Enter a new agent", trigger: "a.o_mlm_recruit", run: "click", expectUnloadPage: true },
        { content: "The terms can be read", trigger: ".o_mlm_terms summary", run: "click" },
        { content: "They are these", trigger: ".o_mlm_terms[open]:contains('Be honest.')" },
        { content: "What may be given at most", trigger: ".form-text:contains('At most 20 %')" },
        { content: "Name", trigger: "input[name='name']", run: "edit Nora New" },
        { content: "E-mail", trigger: "input[name='email']", run: "edit nora@applicants.example.com" },
        { content: "City", trigger: "input[name='city']", run: "edit Hamburg" },
        { content: "Too much", trigger: "input[name='rate']", run: "edit 20,5" },
        AGREED,
        fitsOnTheScreen(".o_mlm_recruit_form button[type='submit']"),
        SAVE,
        { content: "Refused with a sentence", trigger: ".alert-danger:contains('allows you to give at most 20 %')" },
        { content: "What was entered is still there", trigger: "input[name='name']:value('Nora New')" },
        { content: "Less", trigger: "input[name='rate']", run: "edit 12,5" },
        AGREED,
        SAVE,
        fitsOnTheScreen(".alert-success:contains('We have sent an e-mail')"),
        { content: "It waits", trigger: ".o_mlm_applications li:contains('Nora New'):contains('Not confirmed yet')" },
    ],
});

// The link in the e-mail.
registry.category("web_tour.tours").add("mlm_commission_recruit_confirm", {
    steps: () => [
        fitsOnTheScreen("dd:contains('nora@applicants.example.com')"),
        { content: "The sponsor", trigger: "dd:contains('Ben')" },
        { content: "The rate that was promised", trigger: "dl:contains('Own Rate') dd:contains('12.5')" },
        { content: "The terms are open", trigger: ".o_mlm_terms[open]:contains('Be honest.')" },
        { content: "Agree", trigger: "input[name='agreed']", run: "check" },
        { content: "Confirm", trigger: ".o_mlm_join_confirm button", run: "click", expectUnloadPage: true },
        { content: "Done", trigger: ".o_mlm_confirmed" },
    ],
});

// The link in the invitation to the portal: a password, and the own place.
registry.category("web_tour.tours").add("mlm_commission_recruit_enter", {
    steps: () => [
        { content: "A password", trigger: "input[name='password']", run: "edit Quiet-Harbour-77" },
        { content: "Again", trigger: "input[name='confirm_password']", run: "edit Quiet-Harbour-77" },
        { content: "Go", trigger: ".oe_login_buttons button[type='submit']", run: "click", expectUnloadPage: true },
        { content: "The own place", trigger: ".o_portal_docs a[href='/my/network']", run: "click", expectUnloadPage: true },
        fitsOnTheScreen(".o_mlm_portal_network:contains('Nora New'):contains('Ben')"),
        { content: "Active", trigger: ".o_mlm_portal_network .badge:contains('Active')" },
    ],
});

// The sponsor sees what became of it.
registry.category("web_tour.tours").add("mlm_commission_recruited", {
    steps: () => [
        { content: "Approved", trigger: ".o_mlm_applications li:contains('Nora New'):contains('Approved')" },
        { content: "Home", trigger: ".breadcrumb a[href*='/my/home'], .breadcrumb a[href='/my']", run: "click", expectUnloadPage: true },
        { content: "My network", trigger: ".o_portal_docs a[href='/my/network']", run: "click", expectUnloadPage: true },
        { content: "In the frontline", trigger: ".o_mlm_downline .o_mlm_card:contains('Nora New')" },
    ],
});
