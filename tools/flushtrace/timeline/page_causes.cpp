#include "tools/flushtrace/timeline/page_causes.hpp"

#include "runtime/formats/json_write.hpp"
#include "tools/flushtrace/explanation.hpp"
#include "tools/flushtrace/explanation_proof.hpp"
#include "tools/flushtrace/json_list.hpp"
#include "tools/flushtrace/record_text.hpp"

namespace flushtrace {

namespace {

std::string places_of(const std::vector<uint64_t>& evidence,
                      const page_place& place_of) {
  return json_list(evidence, [&](uint64_t sequence) {
    return std::to_string(place_of(sequence));
  });
}

} // namespace

std::string causes_in_page(const std::vector<finding>& x,
                           const page_place& place_of) {
  return json_list(x, [&](const finding& each) {
    std::string json;
    apm::json_object out{json};
    out.string("id", each.what->id);
    out.string("what", each.what->what);
    out.string("detail", printable(each.detail));
    out.string("remedy", printable(each.fix.text));
    out.string_if_any("setting", printable(setting_of(each.fix)));
    out.string("how", name_of(each.how));
    out.string_if_any("proof", printable(proof_text(each)));
    out.string_if_any("effect", printable(effect_text(each)));
    out.boolean("is_remark", each.weight <= remark_weight_max);
    out.key("evidence");
    json += places_of(each.evidence, place_of);
    out.end();
    return json;
  });
}

std::string uncaused_in_page(const std::vector<uncaused_loss>& x,
                             const page_place& place_of) {
  return json_list(x, [&](const uncaused_loss& each) {
    std::string json;
    apm::json_object out{json};
    out.string("detail", printable(each.detail));
    out.key("evidence");
    json += places_of(each.evidence, place_of);
    out.end();
    return json;
  });
}

} // namespace flushtrace
