// Coroutines for actions: a sequence of steps that wait for programs and sockets, written as a sequence.
//
// Everything happens on the loop's thread. A Task does nothing until it is awaited or started; destroying it destroys
// what it waits for, and a late answer is then dropped.
#ifndef JETTYFLEET_AGENT_ACT_TASK_H_
#define JETTYFLEET_AGENT_ACT_TASK_H_

#include <coroutine>
#include <cstdlib>
#include <functional>
#include <memory>
#include <optional>
#include <utility>

namespace jettyfleet {

template <typename T>
class [[nodiscard]] Task {
 public:
  struct promise_type {
    // Hands the thread to whoever awaits this task.
    struct Final {
      bool await_ready() noexcept { return false; }
      std::coroutine_handle<> await_suspend(std::coroutine_handle<promise_type> self) noexcept {
        return self.promise().waiter ? self.promise().waiter : std::noop_coroutine();
      }
      void await_resume() noexcept {}
    };
    Task get_return_object() { return Task(std::coroutine_handle<promise_type>::from_promise(*this)); }
    std::suspend_always initial_suspend() noexcept { return {}; }
    Final final_suspend() noexcept { return {}; }
    void return_value(T result) { value = std::move(result); }
    void unhandled_exception() { std::abort(); }

    std::optional<T> value;
    std::coroutine_handle<> waiter;
  };

  Task() = default;
  Task(Task&& other) noexcept : self_(std::exchange(other.self_, {})) {}
  Task& operator=(Task&& other) noexcept {
    std::swap(self_, other.self_);
    return *this;
  }
  ~Task() {
    if (self_) self_.destroy();
  }

  // For a task that nobody awaits. Its owner keeps it until done().
  void Start() { self_.resume(); }
  bool done() const { return self_ && self_.done(); }
  T TakeResult() { return std::move(*self_.promise().value); }

  bool await_ready() const noexcept { return false; }
  std::coroutine_handle<> await_suspend(std::coroutine_handle<> waiter) noexcept {
    self_.promise().waiter = waiter;
    return self_;
  }
  T await_resume() { return std::move(*self_.promise().value); }

 private:
  explicit Task(std::coroutine_handle<promise_type> self) : self_(self) {}

  std::coroutine_handle<promise_type> self_;
};

// Awaits the one call of a callback: `start` is given the callback and must not call it at once.
template <typename T>
class CallbackAwaiter {
 public:
  explicit CallbackAwaiter(std::function<void(std::function<void(T)>)> start) : start_(std::move(start)) {}
  ~CallbackAwaiter() {
    if (state_ != nullptr) state_->waiter = {};
  }
  CallbackAwaiter(const CallbackAwaiter&) = delete;
  CallbackAwaiter& operator=(const CallbackAwaiter&) = delete;

  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> waiter) {
    state_ = std::make_shared<State>();
    state_->waiter = waiter;
    start_([state = state_](T value) {
      if (!state->waiter) return;
      state->value = std::move(value);
      std::exchange(state->waiter, {}).resume();
    });
  }
  T await_resume() { return std::move(*state_->value); }

 private:
  struct State {
    std::coroutine_handle<> waiter;
    std::optional<T> value;
  };
  const std::function<void(std::function<void(T)>)> start_;
  std::shared_ptr<State> state_;
};

}  // namespace jettyfleet

#endif  // JETTYFLEET_AGENT_ACT_TASK_H_
