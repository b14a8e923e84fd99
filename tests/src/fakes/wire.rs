//! Answers as the fakes write them: a body whose length may be told or kept back, and the few shapes
//! of answer that all fakes need. No routing and no knowledge of any service.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use hyper::Response;
use hyper::body::{Body, Bytes, Frame, SizeHint};
use hyper::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderName, HeaderValue};
use serde_json::Value;
use tokio::time::{Sleep, sleep};

/// What a fake does with a request.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// It answers.
    Answer(Answer),
    /// It closes the connection without a word.
    HangUp,
}

impl From<Answer> for Outcome {
    fn from(answer: Answer) -> Self {
        Self::Answer(answer)
    }
}

/// A whole answer.
pub(crate) type Answer = Response<AnswerBody>;

/// The bytes of an answer.
#[derive(Debug)]
pub(crate) struct AnswerBody {
    bytes: Option<Bytes>,
    length_told: bool,
    slow: Option<Slow>,
}

/// So many bytes at once, a pause before each.
#[derive(Debug)]
struct Slow {
    most: usize,
    pause: Duration,
    now: Pin<Box<Sleep>>,
}

impl AnswerBody {
    pub(crate) fn new(bytes: impl Into<Bytes>) -> Self {
        Self { bytes: Some(bytes.into()).filter(|bytes| !bytes.is_empty()), length_told: true, slow: None }
    }

    pub(crate) fn into_bytes(self) -> Bytes {
        self.bytes.unwrap_or_default()
    }

    /// Sent in chunks without a `Content-Length`, so that a limit has to be kept while reading.
    pub(crate) fn length_untold(self) -> Self {
        Self { length_told: false, ..self }
    }

    /// Sent in pieces of that many bytes, each after a pause.
    pub(crate) fn in_pieces(self, most: usize, pause: Duration) -> Self {
        Self { slow: Some(Slow { most, pause, now: Box::pin(sleep(pause)) }), ..self }
    }
}

impl Body for AnswerBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let body = &mut *self;
        if let (Some(slow), Some(bytes)) = (&mut body.slow, &mut body.bytes) {
            std::task::ready!(slow.now.as_mut().poll(context));
            slow.now = Box::pin(sleep(slow.pause));
            if bytes.len() > slow.most {
                return Poll::Ready(Some(Ok(Frame::data(bytes.split_to(slow.most)))));
            }
        }
        Poll::Ready(self.bytes.take().map(|bytes| Ok(Frame::data(bytes))))
    }

    fn is_end_stream(&self) -> bool {
        self.bytes.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        match &self.bytes {
            Some(_) if !self.length_told => SizeHint::default(),
            Some(bytes) => SizeHint::with_exact(bytes.len() as u64),
            None => SizeHint::with_exact(0),
        }
    }
}

/// An answer with a content type.
pub(crate) fn typed(status: u16, content_type: &'static str, body: impl Into<Bytes>) -> Answer {
    let mut answer = empty(status);
    answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    *answer.body_mut() = AnswerBody::new(body);
    answer
}

/// A JSON answer.
pub(crate) fn json(status: u16, value: &Value) -> Answer {
    typed(status, "application/json; charset=utf-8", value.to_string())
}

/// A page, never stored, so that a step back in the browser asks again.
pub(crate) fn html(status: u16, page: String) -> Answer {
    let mut answer = typed(status, "text/html; charset=utf-8", page);
    answer.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    answer
}

/// An answer without a body.
pub(crate) fn empty(status: u16) -> Answer {
    let mut answer = Response::new(AnswerBody::new(Bytes::new()));
    *answer.status_mut() = hyper::StatusCode::from_u16(status).expect("the fakes use three-digit statuses");
    answer
}

/// The answer with one more header.
pub(crate) fn with_header(mut answer: Answer, name: &'static str, value: &str) -> Answer {
    let value = HeaderValue::from_str(value).expect("the fakes write visible ASCII into headers");
    answer.headers_mut().insert(HeaderName::from_static(name), value);
    answer
}
