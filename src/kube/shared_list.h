#pragma once

// A list that its copies share until one of them is edited. Reading it is reading a `const std::vector`; who writes says so:
//
//   for (const Pod& pod : data.pods) …          // as any vector
//   data.pods.edit().push_back(std::move(pod)); // from here on this copy has elements of its own
//
// So a snapshot that differs from another in one policy costs the policies, and not the cluster.

#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

namespace gantry::kube {

template <typename Element>
class SharedList {
 public:
  using value_type = Element;
  using Elements = std::vector<Element>;

  SharedList() = default;
  SharedList(Elements elements) : elements_(std::make_shared<Elements>(std::move(elements))) {}

  // References into it hold until this copy is edited or assigned to, and as long as any copy lives.
  operator const Elements&() const { return elements(); }
  auto begin() const { return elements().begin(); }
  auto end() const { return elements().end(); }
  std::size_t size() const { return elements().size(); }
  bool empty() const { return elements().empty(); }
  const Element* data() const { return elements().data(); }
  const Element& operator[](std::size_t index) const { return elements()[index]; }
  const Element& front() const { return elements().front(); }
  const Element& back() const { return elements().back(); }

  // The elements, for this copy alone: other copies keep what they have. Not while another thread copies or drops one.
  Elements& edit() {
    if (!elements_) {
      elements_ = std::make_shared<Elements>();
    } else if (elements_.use_count() > 1) {
      elements_ = std::make_shared<Elements>(*elements_);
    }
    return *elements_;
  }

 private:
  const Elements& elements() const {
    static const Elements kNone;
    return elements_ ? *elements_ : kNone;
  }

  std::shared_ptr<Elements> elements_;  // null: empty
};

}  // namespace gantry::kube
