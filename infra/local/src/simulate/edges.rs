//! The plan's faults in each edge's own words.

use super::plan::{Asked, Fault, Plan};
use crate::edges::dynamo::StoreFault;
use crate::edges::sqs::QueueFault;
use crate::edges::{iot, sns};
use crate::stack::Stack;
use crate::stripe_simulator::StripeFault;

/// From now on every request of the stack asks the plan what goes wrong with it.
pub(super) fn install(plan: &Plan, stack: &Stack) {
    let of = plan.clone();
    stack.table.draw(Box::new(move |operation| of.draw(Asked::Table, operation).and_then(of_table)));
    let of = plan.clone();
    stack.queues.draw(Box::new(move |operation| of.draw(Asked::Queues, operation).and_then(of_queues)));
    let of = plan.clone();
    stack.topics.draw(Box::new(move |operation| of.draw(Asked::Topics, operation).and_then(of_topics)));
    let of = plan.clone();
    stack.broker.draw(Box::new(move |operation| of.draw(Asked::Broker, operation).and_then(of_broker)));
    let of = plan.clone();
    stack.stripe.draw(Box::new(move |method, path| of.draw(Asked::Stripe, &format!("{method} {path}")).map(of_stripe)));
}

const fn of_table(fault: Fault) -> Option<StoreFault> {
    Some(match fault {
        Fault::Throttled => StoreFault::ThrottleBefore,
        Fault::ServerError => StoreFault::ServerErrorBefore,
        Fault::Conflict => StoreFault::TransactionConflict,
        Fault::LostBefore => StoreFault::DropBefore,
        Fault::LostAfter => StoreFault::DropAfter,
        Fault::DiedBefore => StoreFault::DieBefore,
        Fault::DiedAfter => StoreFault::DieAfter,
        Fault::Stale => StoreFault::StaleIndex,
        Fault::Stalled(_) => StoreFault::AnswerLate,
        Fault::ServerErrorAfter | Fault::BadGateway | Fault::LockTimeout | Fault::InFlight | Fault::Duplicated => {
            return None;
        }
    })
}

const fn of_queues(fault: Fault) -> Option<QueueFault> {
    Some(match fault {
        Fault::Throttled => QueueFault::ThrottleBefore,
        Fault::Duplicated => QueueFault::Duplicate,
        Fault::LostBefore => QueueFault::DropBefore,
        Fault::LostAfter => QueueFault::DropAfter,
        Fault::DiedBefore => QueueFault::DieBefore,
        Fault::DiedAfter => QueueFault::DieAfter,
        Fault::ServerError
        | Fault::ServerErrorAfter
        | Fault::Conflict
        | Fault::BadGateway
        | Fault::LockTimeout
        | Fault::InFlight
        | Fault::Stale
        | Fault::Stalled(_) => return None,
    })
}

const fn of_topics(fault: Fault) -> Option<sns::PublishFault> {
    Some(match fault {
        Fault::Throttled => sns::PublishFault::ThrottleBefore,
        Fault::LostBefore => sns::PublishFault::DropBefore,
        Fault::LostAfter => sns::PublishFault::DropAfter,
        Fault::DiedBefore => sns::PublishFault::DieBefore,
        Fault::DiedAfter => sns::PublishFault::DieAfter,
        Fault::ServerError
        | Fault::ServerErrorAfter
        | Fault::Conflict
        | Fault::BadGateway
        | Fault::LockTimeout
        | Fault::InFlight
        | Fault::Duplicated
        | Fault::Stale
        | Fault::Stalled(_) => return None,
    })
}

const fn of_broker(fault: Fault) -> Option<iot::PublishFault> {
    Some(match fault {
        Fault::LostBefore => iot::PublishFault::DropBefore,
        Fault::LostAfter => iot::PublishFault::DropAfter,
        Fault::DiedBefore => iot::PublishFault::DieBefore,
        Fault::DiedAfter => iot::PublishFault::DieAfter,
        Fault::Throttled
        | Fault::ServerError
        | Fault::ServerErrorAfter
        | Fault::Conflict
        | Fault::BadGateway
        | Fault::LockTimeout
        | Fault::InFlight
        | Fault::Duplicated
        | Fault::Stale
        | Fault::Stalled(_) => return None,
    })
}

const fn of_stripe(fault: Fault) -> StripeFault {
    match fault {
        Fault::Throttled | Fault::Conflict | Fault::Duplicated | Fault::Stale => StripeFault::RateLimited,
        Fault::Stalled(_) => StripeFault::AnswerLate,
        Fault::ServerError => StripeFault::ServerError,
        Fault::ServerErrorAfter => StripeFault::ServerErrorAfterCommit,
        Fault::BadGateway => StripeFault::BadGateway,
        Fault::LockTimeout => StripeFault::LockTimeout,
        Fault::InFlight => StripeFault::InFlight,
        Fault::LostBefore => StripeFault::DropBefore,
        Fault::LostAfter => StripeFault::DropAfterCommit,
        Fault::DiedBefore => StripeFault::DieBefore,
        Fault::DiedAfter => StripeFault::DieAfterCommit,
    }
}
