// A process and its output; see program.hpp.
#include "tools/lambda-sandbox/lambda/program.hpp"

#include "tools/lambda-sandbox/lambda/process_usage.hpp"

#include <algorithm>
#include <utility>

namespace sandbox {

program::program(std::string name, bool is_extension, handlers handle)
    : name_{std::move(name)},
      is_extension_{is_extension},
      handlers_{std::move(handle)} {
  usage_.name = name_;
  usage_.is_extension = is_extension_;
  end.name = name_;
  end.is_extension = is_extension_;
}

std::unique_ptr<program> program::start(boost::asio::io_context& io,
                                        child_reaper& reaper, std::string name,
                                        bool is_extension,
                                        const child_options& options,
                                        handlers handle, std::string& error) {
  std::unique_ptr<program> made{
      new program{std::move(name), is_extension, std::move(handle)}};
  auto* self = made.get();
  made->process_ = child_process::start(
      io, reaper, options,
      [self](const process_exit& exit) {
        self->end.at_ns = exit.at_ns;
        self->end.code = exit.code;
        self->end.is_by_signal = exit.is_by_signal;
        self->end.text = exit.text();
        self->learn_peak(exit.peak_kib);
        self->finish();
        self->handlers_.on_exit(*self, exit);
      },
      error);
  if (!made->process_)
    return nullptr;
  const auto read = [&](boost::asio::posix::stream_descriptor& pipe,
                        output_stream stream, output_reader::cutter cut) {
    made->readers_.push_back(std::make_unique<output_reader>(
        pipe,
        [self, stream](std::string_view line) {
          self->handlers_.on_line(*self, stream, line);
        },
        std::move(cut)));
    made->readers_.back()->start();
  };
  read(made->process_->facts, output_stream::facts, cut_lines);
  read(made->process_->frames, output_stream::frames, cut_frames);
  read(made->process_->standard_output, output_stream::standard_output,
       cut_lines);
  read(made->process_->standard_error, output_stream::standard_error,
       cut_lines);
  return made;
}

void program::drain() {
  for (const auto& reader : readers_)
    reader->drain();
}

void program::finish() {
  for (const auto& reader : readers_)
    reader->finish();
}

void program::sample() {
  if (!is_running())
    return;
  const auto used_ns = processor_time_ns(process_->pid());
  usage_.processor_ns = std::max(usage_.processor_ns, used_ns);
  const auto memory = memory_of(process_->pid());
  if (file_kib_ < 0 || memory.file_kib < file_kib_)
    file_kib_ = memory.file_kib;
  learn_peak(memory.peak_kib);
  usage_.threads = std::max(usage_.threads, memory.threads);
}

/// What it has touched of its program and libraries after the first sample
/// counts as its own: rather too much than too little.
void program::learn_peak(std::int64_t peak_kib) {
  if (peak_kib <= usage_.peak_kib)
    return;
  usage_.peak_kib = peak_kib;
  if (file_kib_ >= 0)
    usage_.own_peak_kib = peak_kib - file_kib_;
}

} // namespace sandbox
